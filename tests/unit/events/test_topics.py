"""Topics and their keys, by the names that producers and consumers agreed on."""

from __future__ import annotations

import uuid

import pytest

from officeflow.errors import InvalidInput
from officeflow.events import topics

ORG = uuid.UUID("6f1d2f6e-0f52-4c1e-9f39-5d0f4c8b8a11")


def test_the_shared_topics_are_those_of_the_design_with_their_keys() -> None:
    named = {topic.name: topic.key for topic in topics.TOPICS}
    assert {name for name, key in named.items() if key == topics.BY_PERSON} == {
        "node.execute.request",
        "node.execute.result",
        "node.execute.retry",
        "identity.provision.request",
        "identity.provision.result",
        "email.send.request",
        "email.send.result",
        "calendar.schedule.request",
        "calendar.schedule.result",
    }
    assert {name for name, key in named.items() if key == topics.BY_ORG} == {
        "workflow.run.request",
        "workflow.run.pause",
        "workflow.run.resume",
        "workflow.run.cancel",
        "workflow.run.result",
        "audit.anchors",
        "audit.events",
        "metrics.events",
    }


def test_every_topic_has_a_dead_letter_topic() -> None:
    for slug in (None, "acme"):
        names = {topic.name for topic in topics.topics_of(slug)}
        assert {name for name in names if name.startswith("dlq.")} == {
            f"dlq.{name}" for name in names if not name.startswith("dlq.")
        }


def test_an_organization_has_a_topic_per_kind() -> None:
    assert topics.lifecycle_topic("employee.exit", "acme") == "employee.exit.acme"
    assert topics.lifecycle_topic("employee.exit", str(ORG)) == f"employee.exit.{ORG}"
    assert topics.split_lifecycle_topic(f"employee.update.{ORG}") == ("employee.update", str(ORG))
    assert topics.split_lifecycle_topic("employee.update.") is None
    assert topics.split_lifecycle_topic("dlq.employee.update.acme") is None


@pytest.mark.parametrize(
    ("kind", "org"), [("employee.promote", "acme"), ("employee.exit", "Acme Inc"), ("employee.exit", "")]
)
def test_a_name_that_is_none_is_refused(kind: str, org: str) -> None:
    with pytest.raises(InvalidInput):
        topics.lifecycle_topic(kind, org)


def test_keys_are_the_organization_or_the_person() -> None:
    assert topics.org_key(ORG) == str(ORG)
    assert topics.person_key(ORG, "E1") == f"{ORG}:E1"
