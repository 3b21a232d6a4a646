"""The append-only audit log: a gapless, keyed chain per organization."""
