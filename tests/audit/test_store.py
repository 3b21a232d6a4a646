from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from officeflow.audit import chain, store, tags
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput

pytestmark = pytest.mark.integration

ENTRY: dict[str, Any] = {"actor": "cli:ana", "action": "test", "subject": "org:acme"}

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
# Beyond 2^53, PostgreSQL gives a whole number back as an integer.
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-1e15, 1e15) | storable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(storable, inner, max_size=3),
    max_leaves=8,
)


def append(database: Database, org: Organization, **changes: Any) -> None:
    with database.tenant(org.org_id) as session:
        store.append(session, org.org_id, AuditEntry(**{**ENTRY, **changes}))


def test_what_is_appended_waits_for_its_number(database: Database, org: Organization) -> None:
    append(database, org, details={"why": "because"}, correlation_id="c-1")
    with database.tenant(org.org_id) as session:
        (record,) = store.newest(session, org.org_id)
        assert store.waiting(session, org.org_id) == 1
    assert (record.actor, record.action, record.subject, record.details) == (
        "cli:ana",
        "test",
        "org:acme",
        {"why": "because"},
    )
    assert (record.correlation_id, record.sequence, record.previous_mac, record.mac) == (
        "c-1",
        None,
        None,
        None,
    )


def test_nothing_is_recorded_of_a_transaction_that_failed(database: Database, org: Organization) -> None:
    def append_and_raise() -> None:
        with database.tenant(org.org_id) as session:
            store.append(session, org.org_id, AuditEntry(**ENTRY))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        append_and_raise()
    with database.service() as session:
        assert store.waiting(session, org.org_id) == 0


def test_the_newest_records_come_in_their_order(database: Database, org: Organization) -> None:
    for number in range(5):
        append(database, org, action=str(number), subject=f"org:{number % 2}")
    with database.tenant(org.org_id) as session:
        assert [record.action for record in store.newest(session, org.org_id, limit=3)] == ["2", "3", "4"]
        assert [record.action for record in store.newest(session, org.org_id, subject="org:1")] == ["1", "3"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(details=st.dictionaries(storable, values, max_size=3), text=storable)
def test_details_come_back_as_they_were_given(
    database: Database, org: Organization, details: dict[str, Any], text: str
) -> None:
    with database.tenant(org.org_id) as session:
        store.append(
            session, org.org_id, AuditEntry(actor=text, action="test", subject=text, details=details)
        )
        session.flush()
        session.expire_all()
        (record,) = store.newest(session, org.org_id, limit=1)
        assert (record.details, record.actor, record.subject) == (details, text, text)
        assert tags.holds(record, record.tag)


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "a" * 601},
        {"action": "a" * 101},
        {"subject": "a" * 601},
        {"correlation_id": "a" * 256},
        {"actor": "a\0"},
        {"details": {"text": "a\0"}},
        {"details": {"a\0": 1}},
        {"details": {"number": math.nan}},
        {"details": {"number": math.inf}},
        {"details": {"object": object()}},
        {"details": {"text": "\ud800"}},
        {"details": {(1, 2): "a"}},
    ],
    ids=repr,
)
def test_what_the_log_cannot_hold_is_refused(
    database: Database, org: Organization, changes: dict[str, Any]
) -> None:
    with database.tenant(org.org_id) as session, pytest.raises(InvalidInput, match="audit record"):
        store.append(session, org.org_id, AuditEntry(**{**ENTRY, **changes}))


def test_a_text_that_only_looks_like_nul_is_kept(database: Database, org: Organization) -> None:
    append(database, org, details={"text": r"\u0000"})
    with database.tenant(org.org_id) as session:
        assert store.newest(session, org.org_id)[0].details == {"text": r"\u0000"}


def test_records_are_found_by_action_and_subject_under_every_name(
    database: Database, org: Organization
) -> None:
    for action, subject in (
        ("org.create", "org:acme"),
        ("organization.created", "organization:acme"),
        ("user.created", "user:ana@acme.example"),
    ):
        append(database, org, action=action, subject=subject)

    def found(**wanted: str) -> list[str]:
        with database.tenant(org.org_id) as session:
            return [record.action for record in store.newest(session, org.org_id, **wanted)]  # type: ignore[arg-type]

    both = ["org.create", "organization.created"]
    assert found(action="org.create") == found(action="organization.created") == both
    assert found(subject="org:acme") == found(subject="organization:acme") == both
    assert found(action="user.created", subject="org:acme") == []


def test_each_organization_has_a_head_and_what_was_written_behind_a_record(
    database: Database, org: Organization
) -> None:
    with database.service() as session:
        assert store.heads(session) == [("acme", org.org_id, 0)]
        assert store.oldest_after(session, org.org_id, 0) is None
    for _ in range(3):
        append(database, org)
    chain.chain_pending(database, key=chain.key_from_settings())
    append(database, org)
    with database.service() as session:
        assert store.heads(session) == [("acme", org.org_id, 3)]
        written = {record.sequence: record.occurred_at for record in store.newest(session, org.org_id)}
        assert store.oldest_after(session, org.org_id, 0) == written[1]
        assert store.oldest_after(session, org.org_id, 2) == written[3]
        assert store.oldest_after(session, org.org_id, 3) is None
