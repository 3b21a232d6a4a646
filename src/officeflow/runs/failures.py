"""Why runs failed: the codes in `workflow_runs.error_details`, and what Airflow's log of a task says where no
node has said a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import TaskInstance
from officeflow.errors import OfficeFlowError

RUN_FAILED = "run_failed"
"""At the nodes that `nodes` names, for the `reasons` that nodes gave before they acted."""

TASK_FAILED = "task_failed"
"""Of a reason: the task failed without a word of its node's."""

RUN_VANISHED = "run_vanished"
CANCELLED_UNBEGUN = "cancelled_before_it_began"
"""It was cancelled before Airflow had it."""

NO_WORD = "its process ended without a word of the node's"
LONGEST = 500
"""Characters of a log line that are kept."""


def run_failed(nodes: Iterable[str], reasons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a failed run keeps in `error_details`: where it failed, with the nodes of `reasons`, each once,
    and those.
    """
    names = list(dict.fromkeys([*nodes, *(reason["node"] for reason in reasons)]))
    return {"code": RUN_FAILED, "nodes": names, **({"reasons": reasons} if reasons else {})}


def last_words(
    api: AirflowApi, dag_id: str, run_id: str, task_id: str, *, try_number: int, map_index: int
) -> str:
    """Why a task failed of which no node has said a word: what the log of its last try says last.

    A sentence in any case.
    """
    if try_number < 1:
        return "it failed before it was begun"
    try:
        said = api.task_error(dag_id, run_id, task_id, try_number, map_index=map_index)
    except OfficeFlowError as error:
        return f"{NO_WORD}, and its log cannot be read: {error.message}"
    return (
        f"{NO_WORD}; its log says: {said[:LONGEST]}"
        if said
        else f"{NO_WORD}; Airflow has what there is in its log of the task"
    )


def last_words_of(api: AirflowApi, task: TaskInstance) -> str:
    place = (task["dag_id"], task["dag_run_id"], task["task_id"])
    return last_words(api, *place, try_number=task.get("try_number", 1), map_index=task.get("map_index", -1))
