"""The connector that can do all that an identity provider can do."""
