"""Keycloak: an identity provider, by its admin REST API."""
