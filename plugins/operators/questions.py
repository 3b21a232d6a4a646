"""How a node's question reaches a person, and the answer the node: Airflow's *Required actions*."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from officeflow.sdk import Answer, Question

RESUMES_IN = "execute_complete"
"""The operator's method that takes the answer."""


def ask(ti_id: uuid.UUID, question: Question) -> NoReturn:
    """Put the question, and leave the task: it waits without a process."""
    upsert_hitl_detail(ti_id=ti_id, **hitl_details(question))
    raise TaskAwaitingInput(method_name=RESUMES_IN, timeout=question.timeout)


def hitl_details(question: Question) -> dict[str, Any]:
    """In the words of Airflow's Human-in-the-loop details."""
    return {
        "options": list(question.options),
        "subject": question.subject,
        "body": question.body or None,
        "defaults": [question.default] if question.default else None,
        "multiple": False,
        "params": {},
    }


def answer_of(event: Mapping[str, Any]) -> Answer:
    """From the event that Airflow resumes the task with."""
    if "error" in event:
        return Answer(chosen="", in_time=False)
    user: Mapping[str, Any] = event.get("responded_by_user") or {}
    at: dt.datetime | None = event.get("responded_at")
    return Answer(
        chosen=event["chosen_options"][0],
        by=user.get("name") or "",
        at=at,
        in_time=not event.get("timedout", False),
    )
