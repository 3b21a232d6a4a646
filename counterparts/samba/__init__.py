"""Active Directory: a real domain controller, Samba's of the Debian package. For tests alone."""
