"""People, their sessions, roles and tokens."""
