"""Events in: from Kafka into the inbox, from there into workflow runs. `python -m listeners.inbound`."""
