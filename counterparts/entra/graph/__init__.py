"""Microsoft Graph v1.0: https://learn.microsoft.com/graph/api/overview."""
