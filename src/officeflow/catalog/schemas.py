"""The catalog as data: what the designer, the validation of definitions and the documents read."""

from __future__ import annotations

import inspect
from typing import Any

from officeflow.catalog.registry import node_type, node_types
from officeflow.connectors.families import Capability
from officeflow.sdk import Node

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def params_schema(name: str) -> dict[str, Any]:
    """JSON Schema of the parameters of the node type `name`."""
    return {"$schema": DIALECT, **node_type(name).schema().params}


def output_schema(name: str) -> dict[str, Any]:
    """JSON Schema of what later nodes read as `nodes.<id>.output`."""
    return {"$schema": DIALECT, **node_type(name).schema().output}


def describe(node: type[Node[Any, Any, Any]]) -> dict[str, Any]:
    """A node type as JSON: its specification, its description and its two schemas."""
    spec = node.spec
    return {
        "type": spec.type,
        "title": spec.title,
        "group": spec.group,
        "description": inspect.getdoc(node) or "",
        "effect": spec.effect.value,
        "effect_note": spec.effect_note,
        "family": spec.family,
        "needs": [capability.value for capability in Capability if capability in node.needs],
        "undo": spec.undo,
        "undo_ways": {way.name: way.told for way in spec.ways},
        "inverse": spec.inverse,
        "irreversible": spec.irreversible,
        "evidence": spec.evidence,
        "plan": _plan(node),
        "params": params_schema(spec.type),
        "output": output_schema(spec.type),
    }


def _plan(node: type[Node[Any, Any, Any]]) -> str:
    """What plan mode shows of it, by its own words."""
    own = node.plan is not Node.plan
    return (inspect.getdoc(node.plan) or "").replace("\n", " ") if own else "That nothing is changed."


def catalog() -> dict[str, Any]:
    """All node types, by name, as one JSON document."""
    return {name: describe(node) for name, node in node_types().items()}
