"""The keys that seal secrets: which row stands under which, and new seals under a new key."""
