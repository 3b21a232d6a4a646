"""A Microsoft 365 / Entra ID tenant: the token endpoint and Microsoft Graph v1.0."""
