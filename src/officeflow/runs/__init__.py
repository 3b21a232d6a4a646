"""Runs and the node ledger."""
