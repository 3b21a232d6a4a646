"""What runs a node: its parameters, the ledger, the connection, the act, and what its outcome means for the task."""
