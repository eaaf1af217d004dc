"""Releases of words: made of what is approved, never changed, shown by a pointer that moves."""
