"""What helps a translator decide: glossary, translation memory, where a string stands, dismissed warnings."""
