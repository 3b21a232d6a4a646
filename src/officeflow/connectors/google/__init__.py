"""Google Workspace: an identity provider."""
