"""A workflow definition: the JSON that people write, draw and publish."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from officeflow import canonical_json
from officeflow.camel import CamelModel
from officeflow.ids import NODE_KEY, SLUG
from officeflow.sdk import RetryPolicy

SCHEMA_ID = "https://officeflow.example/schemas/workflow-definition.schema.json"
MAX_NODES = 500
MAX_EDGES = 5000


def _whole(pattern: re.Pattern[str]) -> str:
    """As JSON Schema writes a pattern that the whole text must fit: ECMA-262 knows no other end than `$`."""
    return f"^{pattern.pattern.removesuffix(chr(92) + 'Z')}$"


Label = Annotated[str, Field(min_length=1, max_length=255)]
NodeKey = Annotated[str, Field(pattern=_whole(NODE_KEY), max_length=61)]
Condition = Annotated[str, Field(min_length=1, max_length=4096)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:-]{0,49}$")]


class Trigger(CamelModel):
    """What starts a run."""

    events: list[str] = Field(
        max_length=20,
        description=(
            "Kinds of lifecycle events, such as employee.onboard. None: another workflow calls it, which"
            " gives it the inputs that it declares; nobody starts it by hand."
        ),
    )
    filter: Condition | None = Field(
        None,
        description="CEL over event, employee and org: a run starts only where it is true.",
        examples=['event.payload.employment_type != "contractor"'],
    )


class Position(CamelModel):
    """Where the node stands in the drawing."""

    x: float
    y: float


class Node(CamelModel):
    """One act."""

    id: NodeKey = Field(description="Names the node in edges and expressions; Airflow's task id.")
    type: str = Field(
        min_length=1, max_length=50, description="A node type, such as identity.create_account."
    )
    name: Label | None = Field(None, description="For people; the node type's title where it is left out.")
    connection: str | None = Field(
        None, min_length=1, max_length=100, description="The organization's connection that it uses."
    )
    params: dict[str, Any] = Field(
        default_factory=dict, description="Parameters of the node type; ${{ CEL }} may stand for any value."
    )
    retry_policy: RetryPolicy = Field(default_factory=RetryPolicy)
    timeout_ms: int = Field(
        300_000, ge=1000, le=86_400_000, description="Milliseconds that one try may take."
    )
    position: Position | None = None
    compensates_for: list[NodeKey] = Field(
        default_factory=list,
        max_length=MAX_NODES,
        description="Nodes that this one undoes; it is then no part of the ordinary flow.",
    )
    compensation_type: Literal["rollback", "cleanup", "notification"] | None = None
    renamed_from: NodeKey | None = Field(
        None,
        description=(
            "The id that it had in an earlier version: what it has done under that one is not done again."
        ),
    )
    join: Literal["taken", "all", "any"] = Field(
        "taken",
        description=(
            "When it runs, where several edges lead to it: once all are decided and one at least is taken;"
            " only if all are taken; or as soon as one is."
        ),
    )
    each: NodeKey | None = Field(
        None, description="The flow.for_each whose items this node runs for, once for each."
    )
    undo: str | None = Field(
        None,
        max_length=50,
        description=(
            "How what it did is taken back when the run is undone: one of the ways that its node type knows,"
            " or keep. Left out: the node type's own way, where it has one."
        ),
    )
    new: bool = Field(False, description="True where it is another act than any node of an earlier version.")

    @property
    def is_compensation(self) -> bool:
        return bool(self.compensates_for)


class Edge(CamelModel):
    """`to` may run after `from`: always, or where the condition is true."""

    source: NodeKey = Field(alias="from")
    target: NodeKey = Field(alias="to")
    condition: Condition | None = Field(None, description="CEL over event, employee, nodes, run and org.")
    default: bool = Field(
        False, description="True: it is taken where no other edge of its source is. It has no condition."
    )
    label: Label | None = Field(None, description="For people; the condition itself where it is left out.")


class Output(CamelModel):
    """A value that the workflow gives to the one that calls it."""

    value: Any = Field(description="Written as a parameter: ${{ CEL }} over the nodes and what they see.")
    value_schema: dict[str, Any] = Field(
        default_factory=dict, alias="schema", description="JSON Schema that the value fits."
    )


class Definition(CamelModel):
    """A whole workflow.

    A node runs when at least one of its incoming edges is taken and none of their sources failed.
    """

    slug: str = Field(pattern=_whole(SLUG), max_length=41, description="Names the workflow for good.")
    name: Label
    description: str = Field("", max_length=10_000)
    trigger: Trigger
    nodes: list[Node] = Field(min_length=1, max_length=MAX_NODES)
    edges: list[Edge] = Field(default_factory=list, max_length=MAX_EDGES)
    owner: str = Field("", max_length=255, description="Person or team that answers for it.")
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    concurrency: Literal["parallel", "queue", "replace"] = Field(
        "parallel",
        description=(
            "Where the person has runs under way: start beside them; start when they have ended; or cancel"
            " them, which undoes what they did, and start then."
        ),
    )
    on_failure: Literal["keep", "undo"] = Field(
        "keep", description="What becomes of what a run did that fails half way. A cancelled run is undone."
    )
    inputs: dict[str, Any] | None = Field(
        None, description="JSON Schema of what a workflow that calls this one gives it, read as input.<name>."
    )
    outputs: dict[str, Output] = Field(
        default_factory=dict, max_length=100, description="What it gives to a workflow that calls it."
    )

    def node(self, key: str) -> Node:
        """The node with this id, which must be there."""
        return next(node for node in self.nodes if node.id == key)


def to_json(definition: Definition) -> dict[str, Any]:
    """The definition as plain JSON with every default written out: what is stored, compared and hashed.

    What came later is there only where it says something: definitions that were published before keep their
    hash.
    """
    written: dict[str, Any] = definition.model_dump(mode="json", by_alias=True)
    _leave_out(written, _LATER)
    for node in written["nodes"]:
        _leave_out(node, _LATER_OF_NODES)
    for edge in written["edges"]:
        _leave_out(edge, _LATER_OF_EDGES)
    return written


_LATER: Mapping[str, Any] = {"concurrency": "parallel", "onFailure": "keep", "inputs": None, "outputs": {}}
_LATER_OF_NODES: Mapping[str, Any] = {
    "renamedFrom": None,
    "new": False,
    "join": "taken",
    "each": None,
    "undo": None,
}
_LATER_OF_EDGES: Mapping[str, Any] = {"default": False}
"""Fields that definitions did not always have, with what they say where they say nothing."""


def _leave_out(written: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    for name, default in defaults.items():
        if written[name] == default:
            del written[name]


def content_hash(definition: Definition) -> str:
    """64 hex digits, the same for definitions that say the same, however they are written."""
    return stored_hash(to_json(definition))


def stored_hash(stored: Mapping[str, Any]) -> str:
    """The same, of a definition as `to_json` gives it and the database keeps it."""
    return canonical_json.digest(stored)


def schema_text() -> str:
    """`json_schema` as it stands in docs/schemas/workflow-definition.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a definition; parameters are described per node type in the catalog."""
    schema = Definition.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "Workflow definition",
    }
