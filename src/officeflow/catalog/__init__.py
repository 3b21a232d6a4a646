"""What node types exist: the registry that finds them, their JSON Schemas, and their pages."""
