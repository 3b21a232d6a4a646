"""Examines an installation: what is wrong, what that means, and what to do."""
