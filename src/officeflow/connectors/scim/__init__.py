"""SCIM 2.0 servers (RFC 7643, RFC 7644): an identity provider."""
