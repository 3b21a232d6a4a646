"""The servers that the stack starts: PostgreSQL, Valkey, Kafka, the systems of the demonstration."""
