"""Servers that stand for a customer's systems in the demo and in tests.

Each is a folder, started by `python -m counterparts.<folder>`. Its `counterpart.toml` says where it listens,
what it is started with and what a connection to it is made of; the stack and the demonstration read it. One
without such a file is for tests alone.

They run in the servers' own environment (`requirements-servers.txt`), import nothing of OfficeFlow, listen on
loopback, keep what they are told through a `kill -9`, and write a line for every request to a log that only
grows (see `journal`). Keycloak keeps a log of its own, the admin events.
"""
