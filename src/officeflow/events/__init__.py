"""Lifecycle events: envelope, inbox, outbox, topics, quarantine."""
