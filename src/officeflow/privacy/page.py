"""An export as a page that people read: one file, without anything from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

import jinja2

from officeflow.privacy.export import Export

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "record": "Record",
        "events": "Events from the HR system",
        "sources": "Where they came from",
        "sent_by_hand": "Who sent events by hand",
        "releases": "What a second person decides about their events",
        "runs": "Runs of workflows",
        "acts": "What runs did",
        "refusals": "What runs could not do",
        "questions": "What people were asked",
        "answers": "What they answered",
        "mails": "Mails",
        "awaited_events": "Events that runs waited for",
        "called_runs": "Runs that runs called",
        "planned_runs": "Runs that are planned",
        "turns": "Runs that waited for their turn",
        "wakes": "When runs were woken",
        "orders": "Messages that asked for runs",
        "messages_not_taken": "Messages that could not be taken",
        "messages_for_kafka": "Messages for other systems",
        "manager_of": "Manager of",
        "accounts_at_officeflow": "Account at OfficeFlow",
        "named_in": "Definitions, drafts and releases that name them",
        "holds": "Legal holds",
        "erasures": "Erasures",
        "audit": "Audit log",
    }
)


def html(export: Export) -> str:
    """Whatever the values hold is only text in it."""
    return _template().render(**export.document, titles=TITLES)


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("officeflow.privacy"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("person.html.jinja")
