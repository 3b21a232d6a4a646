"""Whether Airflow takes definitions: `python -m dag_factory.check`, for publishers, who themselves never
import Airflow.

Reads a JSON list of `{"org", "slug", "version", "definition"}` from standard input and writes a list, in the
same order, of `{"slug", "ok", "error"}` to standard output; `error` is "" where `ok` is true. Exit status 0
says that it could look, not that all is well. Nothing is written to any database.
"""

from __future__ import annotations

import contextlib
import json
import math
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from officeflow.errors import InvalidDefinition
from officeflow.workflows.airflow_check import CHECK_SECONDS

MEMORY = 2 * 2**30
"""Bytes that checking may take beside what the process has: many times what the largest definition needs."""


class Request(BaseModel):
    model_config = ConfigDict(frozen=True)

    org: str
    slug: str
    version: int
    definition: dict[str, Any]


def check(request: Request) -> str:
    """What is wrong with it, or ""."""
    from dag_factory.airflow_dag import build

    try:
        dag = build(request.org, request.definition, version=request.version, content_hash="0" * 64)
        _round_trip(dag)
    except InvalidDefinition as error:
        return str(error)
    return ""


def _round_trip(dag: Any) -> None:
    """The scheduler and the API work on what comes back from the serialized DAG."""
    from airflow.serialization.serialized_objects import DagSerialization

    try:
        data = json.loads(json.dumps(DagSerialization.to_dict(dag)))
        DagSerialization.validate_schema(data)
        back = DagSerialization.from_dict(data)
    except Exception as error:  # whatever Airflow's serialization raises means the same here
        raise InvalidDefinition(
            f"Airflow cannot read its own copy of it: {type(error).__name__}: {error}"
        ) from error
    if set(back.task_dict) != set(dag.task_dict):
        raise InvalidDefinition("Airflow's copy of it has other tasks")


def answers(requests: list[Request]) -> list[Mapping[str, Any]]:
    errors = [(request.slug, check(request)) for request in requests]
    return [{"slug": slug, "ok": not error, "error": error} for slug, error in errors]


def confine(*, seconds: float) -> None:
    """From now on this process may take `MEMORY` more, and so many seconds of computing."""
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _limit(resource.RLIMIT_AS, has + MEMORY)
    _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds))


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> int:
    confine(seconds=CHECK_SECONDS)
    try:
        requests = TypeAdapter(list[Request]).validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with contextlib.redirect_stdout(sys.stderr):  # Airflow's own messages
        told = answers(requests)
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
