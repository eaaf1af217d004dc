"""Side-by-side measurements: each prints ratios of what was measured in the same run."""
