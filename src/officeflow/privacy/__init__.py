"""A person's data: under whose key it lies, all of it at once, and the end of it."""
