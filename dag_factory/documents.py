"""What people read about a workflow and its tasks in Airflow's UI: Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.marks import SENSITIVE_MARK
from officeflow.sdk import Node as NodeType
from officeflow.sdk import NodeSpec
from officeflow.sdk.effect_words import EFFECT_WORDS
from officeflow.workflows import undoing
from officeflow.workflows.graph import EdgeTask, Graph
from officeflow.workflows.loops import Loop
from officeflow.workflows.models import Definition, Node

HASH_PREFIX = "sha256:"
"""Precedes the definition's content hash in a DAG's document: by it a publisher sees which version Airflow
shows.
"""


def summary(definition: Definition) -> str:
    """One line."""
    first = definition.description.strip().partition("\n")[0]
    return f"{definition.name}: {first}" if first else definition.name


def of_workflow(definition: Definition, graph: Graph, *, org: str, version: int, content_hash: str) -> str:
    facts = {
        "Organization": org,
        "Starts on": _starts(definition),
        "Owner": _text(definition.owner or org),
        "Version": str(version),
        "Definition": f"`{HASH_PREFIX}{content_hash}`",
    }
    parts = [
        f"# {_text(definition.name)}",
        definition.description.strip(),
        _table(facts),
        "## Steps",
        "\n".join(_steps(graph)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def of_node(node: Node, node_type: type[NodeType[Any, Any, Any]]) -> str:
    spec = node_type.spec
    retry = node.retry_policy
    facts = {
        "Node type": f"`{spec.type}` ({spec.title})",
        "Connection": _code(node.connection) if node.connection else "none",
        "Retries": (
            f"{retry.max_retries}, after up to {retry.backoff_ms} ms x {retry.factor:g} a time"
            f" ({retry.max_backoff_ms} at most)"
        ),
        "One try may take": f"{node.timeout_ms / 1000:g} s",
        "Done twice": _done_twice(spec),
        "Undone by": _text(undoing.undone_by(node, spec)),
        "Proof": _text(spec.evidence or "what the log says"),
    }
    parts = [(node_type.__doc__ or spec.title).strip(), _table(facts)]
    if node.params:
        shown = _masked(node.params, sensitive_names(node_type.schema().params))
        parts.append(f"```json\n{json.dumps(shown, indent=2, ensure_ascii=False)}\n```")
    return "\n\n".join(parts) + "\n"


def of_edge(edge: EdgeTask) -> str:
    return (
        f"From `{edge.source}` to `{edge.target}`, where {_code(edge.condition)} is true; skipped otherwise."
        " It does nothing itself.\n"
    )


def of_verdict() -> str:
    return (
        "How the run ended, `undo` left aside: it fails with what failed before it. Whoever marks it failed"
        " cancels the run once that is marked failed too. It does nothing itself.\n"
    )


def of_undo(definition: Definition, graph: Graph) -> str:
    """What it would do, and what it cannot."""
    when = (
        "cancelled, marked failed, or failed"
        if definition.on_failure == "undo"
        else "cancelled or marked failed; where it failed, compensating nodes alone run"
    )
    first = f"Takes back what the run did where it was {when}. It does nothing where the run succeeded."
    lines = "\n".join(undoing.told(definition, (node.id for node in graph.nodes)))
    return "\n\n".join(part for part in (first, lines) if part) + "\n"


def of_loop(loop: Loop) -> str:
    return (
        f"Behind all rounds of the loop `{loop.key}`: what comes after them waits here."
        " It does nothing itself.\n"
    )


def sensitive_names(schema: Any) -> frozenset[str]:
    """The names of all fields, at any depth of a JSON Schema, that are marked sensitive."""
    return frozenset(_sensitive(schema))


def _sensitive(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for name, field in schema.get("properties", {}).items():
            if isinstance(field, Mapping) and field.get(SENSITIVE_MARK):
                yield name
        for part in schema.values():
            yield from _sensitive(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _sensitive(part)


def _masked(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: "***" if name in names else _masked(item, names) for name, item in value.items()}
    return [_masked(item, names) for item in value] if isinstance(value, list) else value


def _starts(definition: Definition) -> str:
    kinds = " or ".join(_code(kind) for kind in definition.trigger.events)
    return f"{kinds}, where {_code(definition.trigger.filter)}" if definition.trigger.filter else kinds


def _steps(graph: Graph) -> Iterator[str]:
    for number, node in enumerate(graph.nodes, 1):
        via = f" at {_code(node.connection)}" if node.connection else ""
        name = f"**{_text(node.name)}** " if node.name else ""
        each = f", for each item of `{node.each}`" if node.each else ""
        yield f"{number}. {name}`{node.id}`: {node.type}{via}{each}"


def _done_twice(spec: NodeSpec) -> str:
    if spec.effect_note:
        return _text(spec.effect_note)
    return EFFECT_WORDS[spec.effect].twice + ("; nothing undoes it" if spec.irreversible else "")


def _table(facts: Mapping[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())])


def _code(text: str) -> str:
    """In a table cell, on one line."""
    return "`" + _text(text).replace("`", "'") + "`"


def _text(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
