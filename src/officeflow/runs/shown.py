"""Runs, acts and refusals as JSON, for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from officeflow.database.tables import NodeRefusal, NodeRun
from officeflow.runs.follow import last_deed
from officeflow.runs.listing import RunLine
from officeflow.runs.refusals import is_skip
from officeflow.statuses import ActStatus, UnactedStatus


def act_to_json(act: NodeRun, *, inputs: bool = False) -> dict[str, Any]:
    """An act as the ledger has it. With `inputs` its parameters too and its output whole: they may hold
    personal data.
    """
    shown = {
        "node": act.node_key,
        "map_index": act.map_index,
        "type": act.node_type,
        "generation": act.generation,
        "status": act.status,
        "attempt": act.attempt,
        "try_number": act.try_number,
        "started_at": act.started_at and act.started_at.isoformat(),
        "ended_at": act.ended_at and act.ended_at.isoformat(),
        "key": act.idempotency_key,
        "output": act.output,
        "error": act.error_details,
        "story": act.story,
    }
    return {**shown, "input": act.input, "output": act.whole_output} if inputs else shown


def node_to_json(act: NodeRun) -> dict[str, Any]:
    """What became of a node, by its act."""
    seconds = (act.ended_at - act.started_at).total_seconds() if act.started_at and act.ended_at else None
    return {
        "node": act.node_key,
        "map_index": act.map_index,
        "type": act.node_type,
        "generation": act.generation,
        "status": act.status,
        "attempts": act.attempt,
        "try_number": act.try_number,
        "started_at": act.started_at and act.started_at.isoformat(),
        "ended_at": act.ended_at and act.ended_at.isoformat(),
        "seconds": seconds,
        "did": last_deed(act.story),
        "error": None if act.status == ActStatus.QUEUED else act.error_details,
    }


def nodes_to_json(acts: Sequence[NodeRun], refused: Sequence[NodeRefusal]) -> list[dict[str, Any]]:
    """A run's acts. Of one whose node a person gave up its refusal says who and why."""
    skips = {(each.node_key, each.map_index) for each in refused if is_skip(each)}
    return [
        {**node_to_json(act), "status": UnactedStatus.SKIPPED, "error": None}
        if (act.node_key, act.map_index) in skips
        else node_to_json(act)
        for act in acts
    ]


def _refusal_status(refusal: NodeRefusal) -> UnactedStatus:
    if is_skip(refusal):
        return UnactedStatus.SKIPPED
    return UnactedStatus.WAITS if refusal.waits else UnactedStatus.REFUSED


def refusal_to_json(refusal: NodeRefusal) -> dict[str, Any]:
    """What became of a node whose last try ended before its act did."""
    return {
        "node": refusal.node_key,
        "map_index": refusal.map_index,
        "type": refusal.node_type,
        "status": _refusal_status(refusal),
        "try_number": refusal.try_number,
        "since": refusal.since.isoformat(),
        "at": refusal.at.isoformat(),
        "error": refusal.error_details,
    }


def run_to_json(line: RunLine) -> dict[str, Any]:
    """A run as a line of a list, with what it waits for."""
    return {
        **asdict(replace(line, waits=())),
        "waits": [wait.as_json() for wait in line.waits],
        "started_at": line.started_at.isoformat(),
        "ended_at": line.ended_at and line.ended_at.isoformat(),
    }
