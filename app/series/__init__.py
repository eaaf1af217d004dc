"""Every computed number: what it means, and its points over time."""
