"""What running the shop costs, by month, by active user and by order."""
