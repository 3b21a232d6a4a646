"""Text in the columns of a terminal: as wide as it is shown there, and no word of it broken."""

from __future__ import annotations

import datetime as dt
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from officeflow import columns
from officeflow.cli.main import run
from officeflow.demo.people import nth_person
from officeflow.demo.report import Summary, Teller

WIDTHS = pytest.mark.parametrize("width", [40, 80, 120])
PASSWORD = "pMZ1_yZHBhU9zU_UucEjOD3M9p4YOck9"
HEADINGS = ["id", "received", "kind", "employee", "status", "problem"]
ROWS = [
    [
        "32e383d0-ed37-4135-87cf-b48b9638795a",
        "2026-11-26T13:49:53+00:00",
        "employee.onboard",
        "E1001",
        "DISPATCHED",
        "-",
    ],
    [
        "4a",
        "2026-11-26T13:49:53+00:00",
        "employee.exit",
        "李小龙",
        "FAILED",
        "the directory at https://id.example.com/scim/v2 is away",
    ],
]

words = st.text(st.characters(categories=["L", "N", "So", "Mn"]), min_size=1, max_size=30)
sentences = st.lists(words, min_size=1, max_size=12).map(" ".join)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def found_in(text: str) -> list[str]:
    return text.replace("─", " ").split()


@given(sentences, st.integers(20, 130), st.sampled_from(["", "  ", "      "]))
def test_wrapping_breaks_no_word_and_loses_none(text: str, width: int, hang: str) -> None:
    lines = columns.wrap(text, width, hang=hang)
    assert [word for line in lines for word in line.split()] == text.split()
    assert all(cell_len(line) <= width or len(line.split()) == 1 for line in lines)


def test_what_goes_on_begins_under_its_beginning() -> None:
    assert columns.wrap("  - aaaa bbbb cccc", 12, hang="  ") == ["  - aaaa", "    bbbb", "    cccc"]


def test_a_command_in_backticks_stays_on_one_line() -> None:
    command = "`./officeflow ledger resolve acme__x/evt__1 mail --done`"
    (whole,) = (
        line for line in columns.wrap(f"look there, then say it: {command} or leave it", 40) if "`" in line
    )
    assert whole == command


@WIDTHS
def test_a_table_breaks_no_word_at_any_width(width: int) -> None:
    lines = columns.table(HEADINGS, ROWS, width)
    shown = found_in("\n".join(lines))
    assert {word for cell in itertools.chain(*ROWS) for word in cell.split()} - {"-"} <= set(shown)
    assert all(cell_len(line) <= width for line in lines)


@given(st.lists(st.tuples(sentences, words, sentences), min_size=1, max_size=4), st.integers(20, 130))
def test_every_word_of_every_cell_is_in_the_table_as_it_is(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    shown = found_in(
        "\n".join(columns.table(["a", "b", "c"], rows, width)).replace("b:", " ").replace("c:", " ")
    )
    for word in (word for row in rows for cell in row for word in found_in(cell) if cell != columns.NOTHING):
        assert word.replace("b:", "").replace("c:", "") in shown


def test_columns_without_room_stand_below_their_row_under_their_name() -> None:
    assert columns.table(
        ["id", "what", "employee"], [["a" * 30, "done", "E1"], ["b", "failed", "E2"]], 40
    ) == [
        "id                              what",
        "─" * 38,
        "a" * 30 + "  done",
        "  employee: E1",
        "b" + " " * 31 + "failed",
        "  employee: E2",
    ]


def test_a_rule_is_no_longer_than_a_page_where_there_is_no_terminal() -> None:
    lines = columns.table(["name", "about"], [["a", "word " * 200]], None)
    assert lines[1] == "─" * columns.LONGEST_RULE
    assert columns.table(["name", "about"], [["a", "word"]], None)[1] == "─" * 11


@pytest.mark.parametrize("name", ["李小龙", "😀😀", "e\u0301mile", "👩‍💻 dev", "plain"])
def test_wide_and_combining_characters_keep_the_columns_in_line(name: str) -> None:
    lines = columns.table(["name", "status"], [[name, "ACTIVE"], ["x", "ACTIVE"]], 80)
    first, second = (line.partition("ACTIVE")[0] for line in lines[2:])
    assert cell_len(first) == cell_len(second)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80), st.integers(5, 60))
def test_what_is_cut_fits_and_says_so(text: str, width: int) -> None:
    shown = columns.cut(text, width)
    assert cell_len(shown) <= width
    assert shown == text or shown.endswith("…")


def test_a_file_or_program_gets_whole_lines() -> None:
    assert columns.width_of(io.StringIO()) is None
    assert len(columns.table(HEADINGS, ROWS, None)) == 4
    assert columns.wrap("word " * 100, None) == ["word " * 100]


@pytest.mark.parametrize(
    ("told", "width"),
    [("120", 120), ("80", 80), ("3", columns.LEAST_WIDTH), ("0", 80), ("wide", 80), ("", 80)],
)
def test_the_terminals_width_is_asked_for_and_can_be_set(
    monkeypatch: pytest.MonkeyPatch, told: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", told)
    assert columns.width_of(Terminal()) == width


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_demonstration_shows_each_password_whole_on_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    teller = Teller(json_output=False)
    teller.stream = Terminal()
    person = nth_person(1, domain="acme.example", today=dt.date(2026, 3, 1))
    system = {"url": "http://127.0.0.1:18084/a-long-address", "login": "admin", "password": PASSWORD}
    teller.addresses(Summary(person=person, event_id="e", topic="t", airflow=system, inbox=system))
    lines = teller.stream.getvalue().splitlines()
    assert sum(line.split() == ["password", PASSWORD] for line in lines) == 2
    assert all(len(line) <= int(width) for line in lines)


@pytest.mark.parametrize("width", [80, 120])
def test_a_node_types_page_is_shown_in_columns_with_the_command_that_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(SystemExit):
        run(["node", "show", "email.send"])
    lines = capsys.readouterr().out.splitlines()
    assert not any(line.startswith("|") for line in lines)
    assert any("`./officeflow ledger resolve`" in line for line in lines)
    prose = itertools.takewhile(lambda line: not line.startswith("```"), lines)
    assert all(cell_len(line) <= width for line in prose)


def test_a_value_that_is_longer_than_the_terminal_stays_beside_its_name_and_whole() -> None:
    assert columns.pairs({"login": "admin", "password": PASSWORD}, 24) == [
        "login     admin",
        f"password  {PASSWORD}",
    ]
