"""Systems that a workflow calls by itself."""
