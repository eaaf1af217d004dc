"""What KPIs come to in the days ahead, and which days were unlike their weekday."""
