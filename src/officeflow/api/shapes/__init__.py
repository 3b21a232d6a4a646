"""What answers look like, where several routes share it."""
