"""How a node's question reaches a person, and the answer the node: Airflow's *Required actions*."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from officeflow.marks import SENSITIVE_MARK
from officeflow.sdk import Answer, Question, form
from officeflow.sdk.question import REASON

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
        "body": "\n\n".join(filter(None, (question.body, _elsewhere(question)))) or None,
        "defaults": [question.default] if question.default else None,
        "multiple": False,
        "params": params_of(question),
    }


def params_of(question: Question) -> dict[str, Any]:
    """The fields of Airflow's page, as its params are written: those of a form that are not private, or the
    reason of an answer that has one.
    """
    if question.kind is None:
        return {}
    if question.form is None:
        return {REASON: _param(_reason(question), None)}
    fields = form.fields_in_order(question.form)
    required, private = question.form.get("required") or (), form.private_fields(question.form)
    return {
        name: _param(_field(field, needed=name in required), field.get("default"))
        for name, field in fields.items()
        if name not in private
    }


def _elsewhere(question: Question) -> str:
    """What Airflow's page cannot take: it keeps and shows all that is filled in."""
    fields = form.private_fields(question.form or {})
    titles = [(question.form or {})["properties"][name].get("title") or name for name in sorted(fields)]
    if not titles:
        return ""
    return f"Not to be filled in here, since it is private ({', '.join(titles)}): use the link in your mail."


def _param(schema: Mapping[str, Any], value: Any) -> dict[str, Any]:
    return {
        "value": value,
        "description": schema.get("description"),
        "schema": dict(schema),
        "source": "task",
    }


def _reason(question: Question) -> dict[str, Any]:
    needed = f"Needed for {' and '.join(question.reasons)}." if question.reasons else "As you like."
    return {"type": ["string", "null"], "title": "Reason", "description": needed, "format": "multiline"}


def _field(field: Mapping[str, Any], *, needed: bool) -> dict[str, Any]:
    """A field that may be left empty is null there."""
    schema = {name: value for name, value in field.items() if name not in {"default", SENSITIVE_MARK}}
    if options := (field.get("items") or {}).get("enum"):
        schema["examples"] = options  # from these it lets people choose
    if needed:
        return schema
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return {**schema, "type": [schema["type"], "null"]}


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
        values=event.get("params_input") or {},
    )
