"""What the shop knows of one person: shown, handed out, and erased."""
