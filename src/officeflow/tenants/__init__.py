"""Organizations, users, roles and employees."""
