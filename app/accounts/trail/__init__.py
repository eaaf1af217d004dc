"""The audit trail, looked after by jobs: it lies below all features, and may not know the timeline."""
