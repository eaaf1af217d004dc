"""Bills of providers: FOCUS files, their charges and what these come to by day."""
