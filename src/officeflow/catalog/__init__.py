"""What node types exist: their specifications, the registry that finds them, and their JSON Schemas."""
