"""The servers that the stack starts: PostgreSQL, Valkey, Kafka, and the customer's systems of the demonstration."""
