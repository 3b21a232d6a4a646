"""Any system that speaks HTTP, called by a workflow itself."""
