"""Parameters as people write them: times, spans, mails."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.connectors.families.calendar import Meeting
from officeflow.errors import InvalidParameters
from officeflow.nodes.audit.record import Record
from officeflow.nodes.calendar.create_event import CreateEvent
from officeflow.nodes.calendar.create_event import Params as Event
from officeflow.nodes.calendar.update_event import UpdateEvent
from officeflow.nodes.email._text import text_of
from officeflow.nodes.email.send import Params as Letter
from officeflow.nodes.email.send import Send, _mail
from officeflow.nodes.flow.delay import Delay
from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.sdk import local_moment

MADRID = ZoneInfo("Europe/Madrid")
MILLENNIUM = dt.datetime.fromisoformat("2000-01-01T00:00")


def event(**fields: Any) -> Event:
    return CreateEvent.parse({"title": "t", **fields})


class TestWhenAMeetingIs:
    def test_date_and_time_are_in_the_meetings_zone(self) -> None:
        begins = event(date="2026-07-01", time="09:00", time_zone="Europe/Madrid").begins()
        assert begins.astimezone(dt.UTC) == dt.datetime(2026, 7, 1, 7, 0, tzinfo=dt.UTC)
        assert str(begins.tzinfo) == "Europe/Madrid"

    def test_a_moment_is_shown_in_the_meetings_zone(self) -> None:
        assert event(start="2026-12-01T08:00:00Z", time_zone="Europe/Madrid").begins() == dt.datetime(
            2026, 12, 1, 9, 0, tzinfo=MADRID
        )

    def test_a_moment_without_a_zone_is_in_the_meetings(self) -> None:
        assert event(start="2026-12-01T09:00:00", time_zone="Europe/Madrid").begins() == dt.datetime(
            2026, 12, 1, 9, 0, tzinfo=MADRID
        )

    def test_the_second_of_two_equal_times_is_kept(self) -> None:
        """On 25 October 2026 the clocks in Madrid show 02:30 twice; 01:30 UTC is the second."""
        begins = event(start="2026-10-25T01:30:00Z", time_zone="Europe/Madrid").begins()
        assert begins.astimezone(dt.UTC).hour == 1

    def test_a_time_that_the_clocks_skip_is_refused(self) -> None:
        result = CreateEvent.validate(
            {"title": "t", "date": "2026-03-29", "time": "02:30", "time_zone": "Europe/Madrid"}
        )
        assert "never show 02:30" in str(result.problems[0])

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"date": "2026-12-01"},
            {"time": "09:00"},
            {"start": "2026-12-01T08:00:00Z", "date": "2026-12-01", "time": "09:00"},
            {"start": "2026-12-01T08:00:00Z", "time": "09:00"},
            {"date": "2026-12-01", "time": "25:00"},
            {"date": "2026-12-01", "time": "09:00", "time_zone": "Mars/Olympus"},
            {"date": "2026-12-01", "time": "09:00", "duration": 0},
            {"date": "2026-12-01", "time": "09:00", "attendees": ["nobody"]},
        ],
    )
    def test_what_cannot_be_understood_is_refused(self, fields: dict[str, Any]) -> None:
        assert not CreateEvent.validate({"title": "t", **fields}).valid

    @given(st.integers(0, 35 * 366 * 24 * 60).map(lambda minutes: MILLENNIUM + dt.timedelta(minutes=minutes)))
    def test_clocks_show_the_moment_that_was_asked_for(self, wall: dt.datetime) -> None:
        try:
            moment = local_moment(wall, "Europe/Madrid")
        except ValueError:
            assert (wall.month, wall.hour) == (3, 2)
            return
        assert moment.astimezone(dt.UTC).astimezone(MADRID).replace(tzinfo=None) == wall


class TestSpans:
    @pytest.mark.parametrize(
        ("written", "seconds"),
        [
            ("PT30M", 1800),
            ("P2D", 172800),
            ("P1W", 604800),
            ("P1DT1H", 90000),
            ("PT0S", 0),
            (90, 90),
            (1.5, 1.5),
        ],
    )
    def test_a_span_is_iso_8601_or_seconds(self, written: Any, seconds: float) -> None:
        params = Delay.parse({"duration": written})
        assert params.duration is not None
        assert params.duration.total_seconds() == seconds

    @pytest.mark.parametrize("written", ["P1M", "P1Y", "P", "PT", "1 hour", "01:00:00", "", -1, "-PT1H", [1]])
    def test_what_has_no_certain_length_is_refused(self, written: Any) -> None:
        assert not Delay.validate({"duration": written}).valid

    def test_a_wait_has_one_end(self) -> None:
        assert not Delay.validate({}).valid
        assert not Delay.validate({"duration": 1, "until": "2026-12-01T08:00:00Z"}).valid
        assert not Delay.validate({"until": "2026-12-01T08:00:00"}).valid


class TestMails:
    def test_one_address_may_stand_for_a_list(self) -> None:
        assert Send.parse({"to": "Ana <ana@acme.example>", "subject": "s", "text": "t"}).to == [
            "Ana <ana@acme.example>"
        ]

    @pytest.mark.parametrize(
        "fields",
        [
            {"to": "ana"},
            {"to": []},
            {"to": ["a@b", "x y"]},
            {"text": ""},
            {"subject": ""},
            {"locale": "english please"},
            {"attachments": [{"filename": "a.txt"}]},
            {"attachments": [{"filename": "a.txt", "text": "x", "base64": "eA=="}]},
            {"attachments": [{"filename": "a.txt", "base64": "%%%"}]},
            {"attachments": [{"filename": "../a.txt", "text": "x"}]},
            {"attachments": [{"filename": "a.txt", "text": "x" * (10 * 1024 * 1024 + 1)}]},
        ],
    )
    def test_what_cannot_be_sent_is_refused(self, fields: dict[str, Any]) -> None:
        assert not Send.validate({"to": "a@b.example", "subject": "s", "text": "t", **fields}).valid

    def test_a_template_that_ends_with_a_line_break_gives_a_subject_in_one_line(self) -> None:
        assert (
            _mail(Letter(to=["a@b.example"], subject="Welcome,\n  Ana\n", text="t")).subject == "Welcome, Ana"
        )

    def test_text_is_made_from_html_where_it_is_left_out(self) -> None:
        mail = _mail(Letter(to=["a@b.example"], subject="s", html="<p>Hello</p>", locale="es"))
        assert (mail.text, mail.html, mail.headers) == ("Hello\n", "<p>Hello</p>", {"Content-Language": "es"})
        assert _mail(Letter(to=["a@b.example"], subject="s", text="t")).html is None

    def test_files_are_text_or_base64(self) -> None:
        files = [
            {"filename": "a.txt", "text": "é"},
            {"filename": "b.bin", "base64": base64.b64encode(b"\x00").decode(), "media_type": "x/y"},
        ]
        sent = _mail(
            Send.parse({"to": "a@b.example", "subject": "s", "text": "t", "attachments": files})
        ).attachments
        assert [(file.content, file.media_type) for file in sent] == [
            ("é".encode(), "text/plain"),
            (b"\x00", "x/y"),
        ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello&nbsp;<b>Ana</b></p><p>Bye</p>", "Hello Ana\n\nBye\n"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"),
        ('<a href="https://x.example">Start</a>', "Start <https://x.example>\n"),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example\n"),
        ("<style>p{}</style><script>1</script>Hi<br>there", "Hi\nthere\n"),
        ("a < b &amp; c", "a < b & c\n"),
    ],
)
def test_text_says_what_the_html_says(html: str, text: str) -> None:
    assert text_of(html) == text


def test_a_record_may_be_about_a_person_with_the_longest_number() -> None:
    assert Record.validate({"action": "onboarding.completed", "subject": f"employee:{'L' * 255}"}).valid


def test_a_numbered_login_needs_an_employee_number() -> None:
    assert not CreateAccount.validate({"login": "ana@acme.example", "on_conflict": "number"}).valid


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "nothing is to be different"),
        ({"calendar": "x"}, "nothing is to be different"),
        ({"date": "2026-12-01"}, "either start, or date and time"),
        (
            {"start": "2026-12-01T08:00:00Z", "date": "2026-12-01", "time": "09:00"},
            "either start, or date and time",
        ),
        ({"time_zone": "Europe/Madrid"}, "time_zone"),
        ({"duration": "PT0S"}, "takes some time"),
    ],
)
def test_a_change_of_a_meeting_says_what_is_to_be_different(fields: dict[str, Any], reason: str) -> None:
    [problem] = UpdateEvent.validate({"uid": "x", **fields}).problems
    assert reason in problem.reason


def test_a_meeting_in_a_zone_of_its_own_is_moved_only_where_the_zone_is_named() -> None:
    start = dt.datetime(2026, 12, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=1), "Customized"))
    there = Meeting(uid="x", title="t", start=start, end=start)
    moved = {"uid": "x", "date": "2026-12-02", "time": "09:00"}
    with pytest.raises(ValueError, match="zone of its own, Customized"):
        UpdateEvent.parse(moved).begins(there)
    assert UpdateEvent.parse({"uid": "x", "title": "new"}).begins(there) == start
    assert UpdateEvent.parse({**moved, "time_zone": "Europe/Madrid"}).begins(there) == dt.datetime(
        2026, 12, 2, 9, tzinfo=MADRID
    )


def test_a_name_that_there_is_not_is_told_in_plain_words_when_the_node_runs_too() -> None:
    with pytest.raises(InvalidParameters) as caught:
        CreateAccount.parse({"login": "a", "given_nam": "Ana", "attributes": {"x": 1}})
    assert [str(problem) for problem in caught.value.problems] == [
        "params.attributes.x: input should be a valid string",
        "params.given_nam: there is no such parameter (did you mean given_name?)",
    ]
    with pytest.raises(InvalidParameters, match="is missing") as caught:
        CreateAccount.parse({})
    assert [str(problem) for problem in caught.value.problems] == ["params.login: is missing"]
