"""Users and groups as an identity provider keeps them: a SCIM 2.0 service (RFC 7643, RFC 7644).

The protocol is scim2-server's; here is what it works on. `app` is the door, `service` what is offered and
in which way, `resources` what users and groups look like, `users` and `groups` how they are stored, `queries`
how filters become SQL. A request is one transaction of its organization's, audit entries and all.
"""
