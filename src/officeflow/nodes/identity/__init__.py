"""Accounts, their groups and their end, at an identity provider."""
