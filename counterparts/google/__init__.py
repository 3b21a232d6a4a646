"""Google Workspace: the directory, data transfer, licensing, group settings, inbound SSO, on one address."""
