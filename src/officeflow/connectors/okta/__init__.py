"""Okta: an identity provider."""
