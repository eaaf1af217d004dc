"""Business figures by day: computed from the shop's facts, shown with target and comparison."""
