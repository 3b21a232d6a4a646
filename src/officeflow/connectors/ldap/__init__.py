"""Plain LDAP directories: accounts and groups."""
