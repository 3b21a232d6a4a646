"""Keycloak, an identity provider."""
