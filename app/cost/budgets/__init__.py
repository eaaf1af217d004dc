"""Limits on cost: how much is used, when they will be passed, and why; quotas on what is counted."""
