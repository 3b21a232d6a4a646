"""A calendar server."""
