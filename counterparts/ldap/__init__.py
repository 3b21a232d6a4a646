"""A plain LDAP directory: slapd of the Debian package, by its own configuration."""
