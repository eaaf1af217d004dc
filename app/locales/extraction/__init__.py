"""What the shop says, read from its sources, and what became of the texts of messages that it changed."""
