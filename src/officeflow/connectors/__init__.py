"""Clients of customers' systems, a folder each with the one anatomy: `client.py`, `errors.py`, `types.py`.

A connector never imports another one, and never the database.
"""
