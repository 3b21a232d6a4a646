"""Workflow definitions: models, validation, versions, differences, publication."""
