"""Who may what, on the command line."""
