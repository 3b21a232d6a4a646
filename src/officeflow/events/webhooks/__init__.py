"""From a delivery of a webhook to lifecycle events: what a source is, how its bodies are read, and how they
are mapped. The gateway (`officeflow.gateway`) takes the deliveries.
"""
