"""Servers that stand for a customer's systems in the demo and in tests.

They run in the servers' own environment (`requirements-servers.txt`), import nothing of OfficeFlow, listen on
loopback, keep what they are told through a `kill -9`, and write a line for every request to a log that only
grows (see `journal`).
"""
