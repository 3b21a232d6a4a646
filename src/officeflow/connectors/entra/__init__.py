"""Microsoft 365 / Entra ID over Microsoft Graph v1.0: an identity provider."""
