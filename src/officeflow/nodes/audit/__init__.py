"""What is put on record."""
