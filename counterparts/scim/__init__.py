"""A SCIM 2.0 directory."""
