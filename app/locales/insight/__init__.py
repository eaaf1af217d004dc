"""What shoppers really saw of the words: impressions, progress by them, what is dead, what failed."""
