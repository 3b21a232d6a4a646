"""Workflow definitions: model, validation, graph, versions and publishing."""
