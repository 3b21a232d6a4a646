"""The webhook gateway: takes deliveries of systems that cannot produce to Kafka, and makes lifecycle events
of them (`docs/gateway.md`).
"""
