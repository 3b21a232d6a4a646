"""The connector that can do what every identity provider can do, and no more."""
