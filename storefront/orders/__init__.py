"""From a priced cart to a confirmed order."""
