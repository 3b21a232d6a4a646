"""What runs a node: parameters, ledger, connection, act, and what its outcome means for the task."""
