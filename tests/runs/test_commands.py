"""`officeflow run list` and `show`, on a database alone."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.cli.runs import moment_of
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput, Transient
from officeflow.runs import listing
from officeflow.runs.acts import RunRef
from officeflow.sdk import Effect
from tests.command import Command, officeflow
from tests.runs.conftest import NOW, act

__all__ = ["officeflow"]


pytestmark = pytest.mark.integration


@pytest.mark.usefixtures("hired", "left", "elsewhere")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], ["globex__preboarding", "acme__preboarding", "acme__exit"]),
        (["--org", "acme"], ["acme__preboarding", "acme__exit"]),
        (["--status", "running"], ["globex__preboarding", "acme__exit"]),
        (["--status", "failed", "--status", "cancelled"], ["acme__preboarding"]),
        (["--workflow", "acme__exit"], ["acme__exit"]),
        (["--employee", "E-1"], ["globex__preboarding", "acme__preboarding"]),
        (["--org", "acme", "--employee", "E-1"], ["acme__preboarding"]),
        (["--since", "2026-03-02"], ["globex__preboarding", "acme__preboarding"]),
        (["--limit", "1"], ["globex__preboarding"]),
    ],
)
def test_runs_are_listed_newest_first_and_every_filter_narrows(
    officeflow: Command, filters: list[str], found: list[str]
) -> None:
    listed = officeflow("run", "list", *filters, "--json")
    assert [line["dag_id"] for line in listed.json] == found


@pytest.mark.usefixtures("hired", "left")
def test_the_list_for_people_names_run_status_person_and_what_failed(
    officeflow: Command, hired: RunRef
) -> None:
    shown = officeflow("run", "list")
    assert shown.status == 0
    line = next(line for line in shown.out.splitlines() if "acme__preboarding" in line)
    for text in (
        str(hired.run_id)[:8],
        "2026-03-02 11:00:00",
        "FAILED",
        "90.0 s",
        "E-1",
        "employee.onboard",
        "1 failed",
    ):
        assert text in line, text


def test_an_unknown_workflow_is_said_with_the_nearest(officeflow: Command, hired: RunRef) -> None:
    ended = officeflow("run", "list", "--workflow", "acme__preboardin")
    assert ended.status == 2
    assert "did you mean acme__preboarding?" in ended.err


def test_nothing_found_is_a_sentence(officeflow: Command, org: Organization) -> None:
    assert officeflow("run", "list").out.strip() == "no such runs"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", NOW - dt.timedelta(seconds=90)),
        ("30m", NOW - dt.timedelta(minutes=30)),
        ("2h", NOW - dt.timedelta(hours=2)),
        ("7d", NOW - dt.timedelta(days=7)),
        ("2026-03-01", dt.datetime(2026, 3, 1, tzinfo=dt.UTC)),
        ("2026-03-01T09:00+02:00", dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)),
    ],
)
def test_since_is_an_age_or_a_moment(text: str, moment: dt.datetime) -> None:
    assert moment_of(text, now=NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "3 hours", "-2h", "2026-13-01"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="30m, 2h, 7d"):
        moment_of(text, now=NOW)


def test_attention_counts_what_is_open_and_asked_and_names_the_newest_failures(
    database: Database, hired: RunRef, left: RunRef
) -> None:
    act(database, left, "welcome", fails=Transient("no answer", maybe_done=True), effect=Effect.AT_MOST_ONCE)
    act(database, left, "suspend", fails=Transient("no answer", maybe_done=True))
    with database.service() as session:
        found = listing.attention(session)
    assert (found.open, found.asked) == (1, 1)
    assert found.oldest_open is not None
    assert [(ask.dag_id, ask.node) for ask in found.asks] == [("acme__exit", "welcome")]
    assert [
        (failed.dag_id, failed.node, failed.error and failed.error["code"]) for failed in found.failures
    ] == [("acme__preboarding", "add_groups", "rejected")]
