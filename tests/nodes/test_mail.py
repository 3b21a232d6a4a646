"""`email.send` beside a mail server that puts recipients off, refuses them and breaks off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun
from officeflow.sdk import NodeResult
from tests.connectors.smtp_faults import Script, mail_server, raw_mail_server
from tests.counterparts.process import free_port
from tests.nodes.world import World

pytestmark = pytest.mark.integration

ANA, BEN, CAI = "ana@acme.example", "ben@acme.example", "cai@acme.example"
MAIL = {"to": [ANA, f"Ben <{BEN}>"], "bcc": CAI, "subject": "Welcome", "text": "Hello"}
NO_SUCH = "550 no such user"


@pytest.fixture
def script(world: World) -> Iterator[Script]:
    """A mail server that does as it is told, instead of the world's inbox."""
    script, port = Script(), free_port()
    world.changes = {"port": port}
    with mail_server(script, port):
        yield script


def send(world: World, try_number: int = 1, **more: Any) -> NodeResult:
    params = {**MAIL, **more.pop("params", {})}
    return world.run("email.send", params, connection="smtp", try_number=try_number, **more)


def got(script: Script) -> list[list[str]]:
    """Who was sent the mail, by delivery."""
    return [recipients for _, recipients, _ in script.taken]


def row(database: Database) -> NodeRun:
    with database.service() as session:
        return session.scalars(select(NodeRun)).one()


def test_who_was_put_off_is_tried_again_alone_and_the_others_get_it_once(
    world: World, script: Script, database: Database
) -> None:
    script.recipients = {ANA: "450 greylisted", BEN: NO_SUCH}
    first = send(world)
    assert first.error is not None
    assert (first.status, first.error.code, first.retry_in) == ("retry", "transient", 0.5)
    assert f"put off {ANA} (450 greylisted); 1 have it" in first.error.message
    assert row(database).status == "FAILED"
    script.recipients = {}
    done = send(world, 2)
    assert done.status == "success"
    assert (done.output["accepted"], done.output["refused"]) == ([CAI, ANA], {BEN: NO_SUCH})
    assert got(script) == [[CAI], [ANA]]
    assert [step["text"] for step in done.story if step["step"] == "found"] == [
        f"a try before has sent it to {CAI}"
    ]
    heads = [content.partition(b"\r\n\r\n")[0].split(b"Date:")[0] for _, _, content in script.taken]
    assert heads[0] == heads[1]
    assert send(world, 3).replayed
    assert row(database).progress is None


def test_where_no_try_is_left_the_node_fails_and_a_clear_tries_those_alone(
    world: World, script: Script
) -> None:
    script.recipients = {ANA: "450 greylisted"}
    results = [send(world, number) for number in (1, 2, 3, 4)]
    assert [result.status for result in results] == ["retry", "retry", "retry", "failed"]
    assert results[-1].error is not None
    assert ANA in results[-1].error.message
    assert got(script) == [[BEN, CAI]]
    script.recipients = {}
    cleared = send(world, 5, tries_before=4)
    assert (cleared.status, cleared.output["accepted"]) == ("success", [BEN, CAI, ANA])
    assert got(script) == [[BEN, CAI], [ANA]]


def test_who_was_refused_for_good_is_asked_again_only_when_a_person_clears_the_task(
    world: World, script: Script
) -> None:
    script.recipients = {ANA: "450 greylisted", BEN: NO_SUCH, CAI: NO_SUCH}
    assert send(world).status == "retry"
    script.recipients = {ANA: NO_SUCH}
    refused = send(world, 2)
    assert refused.error is not None
    assert (refused.status, refused.error.code, got(script)) == ("failed", "rejected", [])
    script.recipients = {}
    assert send(world, 3, tries_before=2).output["accepted"] == [ANA, BEN, CAI]


def test_a_recipient_that_was_put_off_and_is_taken_out_is_not_waited_for(
    world: World, script: Script
) -> None:
    script.recipients = {ANA: "450 greylisted"}
    assert send(world).status == "retry"
    done = send(world, 2, params={"to": [BEN]})
    assert (done.status, done.output["accepted"], got(script)) == ("success", [BEN, CAI], [[BEN, CAI]])


def test_a_silence_after_a_part_was_taken_is_asked_and_a_no_sends_to_the_rest_alone(
    world: World, script: Script, database: Database
) -> None:
    """The word about the second delivery was lost: what the first one did is still known."""
    script.recipients = {ANA: "450 greylisted"}
    assert send(world).status == "retry"
    port = free_port()
    with raw_mail_server(port, b"25") as talk:
        usual, world.changes = world.changes, {"port": port}
        asked = send(world, 2)
    assert asked.error is not None
    assert (asked.status, asked.error.code, row(database).status) == ("failed", "outcome_unknown", "ASKED")
    assert [command for command in talk.commands if command.startswith("RCPT")] == [f"RCPT TO:<{ANA}>"]
    with database.service() as session:
        session.scalars(select(NodeRun)).one().status = "FAILED"  # as `ledger resolve --not-done` leaves it
    world.changes, script.recipients = usual, {}
    done = send(world, 3)
    assert (done.output["accepted"], got(script)) == ([BEN, CAI, ANA], [[BEN, CAI], [ANA]])


@pytest.mark.parametrize("word", [b"", b"25", b"garbage\r\n", b"354 more\r\n", b"250-a\r\n550 b\r\n"])
def test_a_word_that_is_neither_yes_nor_no_is_asked_and_a_clear_does_not_send_again(
    world: World, database: Database, word: bytes
) -> None:
    port = free_port()
    world.changes = {"port": port}
    with raw_mail_server(port, word) as talk:
        asked, cleared = send(world), send(world, 2, tries_before=1)
    assert [result.error.code for result in (asked, cleared) if result.error] == ["outcome_unknown"] * 2
    assert (row(database).status, len(talk.mails)) == ("ASKED", 1)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("to", "a@b.example, c@d.example", "list"),
        ("to", ["Smith, John <j@acme.example>"], "quotes"),
        ("cc", "ñ@b.example", "SMTPUTF8"),
        ("bcc", "ana", "name@domain"),
        ("sender", "hr@ÜBER.example", "IDNA"),
        ("reply_to", "a@b.example; c@d.example", "list"),
    ],
)
def test_an_address_that_is_none_fails_at_once_by_its_field(
    world: World, script: Script, field: str, value: Any, why: str
) -> None:
    result = send(world, params={field: value})
    assert result.error is not None
    (problem,) = result.error.problems
    assert problem.path.startswith(f"params.{field}")
    assert why in problem.reason
    assert (result.status, script.taken) == ("failed", [])


@pytest.mark.parametrize("field", ["attendees", "organizer"])
def test_a_calendar_takes_the_same_addresses(world: World, field: str) -> None:
    when = {"title": "First day", "start": "2026-12-01T09:00:00Z"}
    value: Any = "Ana <ana@acme.example>"
    result = world.run(
        "calendar.create_event",
        {**when, field: [value] if field == "attendees" else value},
        connection="caldav",
    )
    assert result.error is not None
    assert result.error.problems[0].path.startswith(f"params.{field}")
    made = world.run(
        "calendar.create_event",
        {**when, "attendees": ["ana@straße.example", "a?cc=x@acme.example"]},
        connection="caldav",
    )
    assert made.output["attendees"] == ["ana@xn--strae-oqa.example", "a?cc=x@acme.example"]


def test_control_characters_in_a_subject_do_not_stop_a_mail(world: World, script: Script) -> None:
    result = send(world, params={"subject": "Welcome,\x00 Ana\r\nBcc: x@y\u2028!"})
    assert result.status == "success"
    assert b"Subject: Welcome, Ana Bcc: x@y !\r\n" in script.taken[0][2]
