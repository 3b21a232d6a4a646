"""Taking back what a run did: from the ledger, the last act first, each once."""
