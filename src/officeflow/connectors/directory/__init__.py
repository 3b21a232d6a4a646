"""What the connectors to LDAP directories share (RFC 4511): the session, the table of differences, and what
both can do. No provider: it imports none of them.
"""
