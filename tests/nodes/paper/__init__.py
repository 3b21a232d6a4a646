"""Two identity providers on paper: one that can do everything, and one that can do little."""
