"""`officeflow workflow`: what it prints and how it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from officeflow.cli.main import run
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import Unavailable
from officeflow.workflows import committing, publish
from officeflow.workflows.projection import project
from tests.workflows.conftest import SmallAirflow, definition, takes_all

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _settings(
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    airflow: SmallAirflow,
    org: Organization,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("LOGNAME", "ana")
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.url)
    monkeypatch.setattr(publish.Publisher.__init__, "__defaults__", (takes_all,))
    monkeypatch.chdir(tmp_path)


class Shell:
    """Runs commands as a person would; gives exit status and what was printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            run(["workflow", *arguments])
        printed = self.capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def write(name: str, content: Any) -> str:
    Path(name).write_text(content if isinstance(content, str) else json.dumps(content))
    return name


def test_valid_files_are_said_to_be_valid(shell: Shell) -> None:
    status, out, _ = shell("validate", write("a.json", definition()), write("b.json", definition("b")))
    assert (status, out) == (0, "a.json: valid\nb.json: valid\n")


def test_all_problems_of_all_files_are_shown(shell: Shell) -> None:
    bad = write("bad.json", definition(nodes=[{"id": "a", "type": "audit.recor"}], edges=[]))
    status, out, _ = shell("validate", bad, write("worse.json", "{"), "--json")
    assert status == 2
    told = json.loads(out)
    assert told["valid"] is False
    assert [(p["file"], p["path"]) for p in told["problems"]] == [
        ("bad.json", "nodes[0].type"),
        ("worse.json", ""),
    ]
    status, out, _ = shell("validate", bad)
    assert status == 2
    assert (
        out == "bad.json: 1 problem\n  nodes[0].type: there is no node type 'audit.recor' (did you mean"
        " audit.record?)\n"
    )


def test_connections_are_checked_where_the_organization_is_named(shell: Shell) -> None:
    nodes = [{"id": "a", "type": "calendar.cancel_event", "connection": "calendar", "params": {"uid": "u"}}]
    file = write("a.json", definition(nodes=nodes, edges=[]))
    assert shell("validate", file)[0] == 0
    status, out, _ = shell("validate", file, "--org", "acme")
    assert status == 2
    assert "there is no connection 'calendar'" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("validate", "missing.json"), "cannot read missing.json: No such file or directory"),
        (("publish", "missing.json", "--org", "acme"), "cannot read missing.json: No such file or directory"),
        (("list", "--org", "acne"), "there is no organization 'acne' (did you mean acme?)"),
        (
            ("show", "x", "--org", "acme"),
            "there is no workflow 'x' (`./officeflow workflow list` shows them)",
        ),
        (
            ("versions", "x", "--org", "acme"),
            "there is no workflow 'x' (`./officeflow workflow list` shows them)",
        ),
        (
            ("deactivate", "x", "--org", "acme"),
            "there is no workflow 'x' (`./officeflow workflow list` shows them)",
        ),
        (("render", "x"), "a workflow's slug needs --org (or give a file)"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    shell: Shell, arguments: tuple[str, ...], message: str
) -> None:
    assert shell(*arguments) == (2, "", f"officeflow: {message}\n")


def test_from_publishing_to_deactivating(shell: Shell) -> None:
    files = (
        write("a.json", definition()),
        write("b.json", definition("leaver", name="Leaver", events=["employee.exit"])),
    )
    status, out, _ = shell("publish", *files, "--org", "acme")
    ready = "published as version 1, ready in Airflow\n"
    assert (status, out) == (0, f"[1/2] a.json  joiner: {ready}[2/2] b.json  leaver: {ready}")
    status, out, _ = shell("publish", files[0], "--org", "acme", "--json")
    assert [(row["version"], row["changed"], row["ready"]) for row in json.loads(out)] == [(1, False, True)]
    write("a.json", definition(name="Second"))
    assert "owner" not in shell("diff", "a.json", "--org", "acme", "--json")[1]
    assert [row["path"] for row in json.loads(shell("diff", "a.json", "--org", "acme", "--json")[1])] == [
        "name"
    ]
    shell("publish", "a.json", "--org", "acme")
    assert [row["after"] for row in json.loads(shell("diff", "joiner", "--org", "acme", "--json")[1])] == [
        "Second"
    ]
    assert [
        row["after"] for row in json.loads(shell("diff", "joiner", "2", "1", "--org", "acme", "--json")[1])
    ] == ["Joiner"]
    assert "no difference" in shell("diff", "leaver", "--org", "acme")[1]

    rows = json.loads(shell("list", "--org", "acme", "--json")[1])
    assert [(row["slug"], row["version"], row["active"]) for row in rows] == [
        ("joiner", 2, True),
        ("leaver", 1, True),
    ]
    rows = json.loads(shell("versions", "joiner", "--org", "acme", "--json")[1])
    assert [(row["version"], row["by"]) for row in rows][-1] == (1, "cli:ana")
    assert (
        json.loads(shell("show", "joiner", "--org", "acme", "--version", "1", "--json")[1])["name"]
        == "Joiner"
    )
    assert "find  identity.find_account" in shell("show", "joiner", "--org", "acme")[1]

    assert shell("deactivate", "joiner", "--org", "acme") == (0, "joiner: deactivated\n", "")
    assert json.loads(shell("deactivate", "joiner", "--org", "acme", "--json")[1]) == {
        "slug": "joiner",
        "changed": False,
    }


def test_one_file_that_is_not_valid_keeps_all_from_being_published_and_every_problem_names_its_file(
    shell: Shell,
) -> None:
    write("a.json", definition())
    write("b.json", definition("b", nodes=[], edges=[]))
    write("c.json", "{")
    write("d.json", definition("d", nodes=[{"id": "x", "type": "audit.recor"}], edges=[]))
    status, out, err = shell(
        "publish", "a.json", "b.json", "c.json", "missing.json", "d.json", "--org", "acme"
    )
    assert (status, out) == (2, "")
    assert "4 of 5 definitions have 4 problems; nothing was published" in err
    lines = [line.strip() for line in err.splitlines()]
    assert [line.partition(": ")[0] for line in lines if line.partition(": ")[0].endswith(".json")] == [
        *("b.json", "c.json", "missing.json", "d.json"),
    ]
    assert "b.json: nodes: a workflow has at least one node" in err
    assert "missing.json: cannot read missing.json: No such file" in err
    assert "d.json: nodes[0].type: there is no node type 'audit.recor' (did you mean audit.record?)" in err
    assert "no workflows" in shell("list", "--org", "acme")[1]
    status, out, _ = shell("publish", "b.json", "--org", "acme", "--json")
    assert status == 2
    assert [(row["file"], row["path"]) for row in json.loads(out)["problems"]] == [("b.json", "nodes")]


def test_what_airflow_refuses_of_several_names_its_file_and_nothing_is_published(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def refuses_b(requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        asked.append([request["slug"] for request in requests])
        return [
            {"slug": request["slug"], "ok": request["slug"] != "b", "error": "a cycle"}
            for request in requests
        ]

    monkeypatch.setattr(publish.Publisher.__init__, "__defaults__", (refuses_b,))
    status, _, err = shell(
        "publish", write("a.json", definition()), write("b.json", definition("b")), "--org", "acme"
    )
    assert (status, asked) == (2, [["joiner", "b"]])
    assert "b.json: a cycle" in err
    assert "no workflows" in shell("list", "--org", "acme")[1]


def test_several_are_published_together_or_not_at_all(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [write(f"{slug}.json", definition(slug)) for slug in ("a", "b", "c")]

    def breaks_at_b(session: Any, workflow: Any, *rest: Any) -> None:
        if workflow.slug == "b":
            raise Unavailable("the database went away")
        project(session, workflow, *rest)

    with monkeypatch.context() as broken:
        broken.setattr(committing, "project", breaks_at_b)
        status, out, err = shell("publish", *files, "--org", "acme")
    assert (status, out, "the database went away" in err) == (1, "", True)
    assert "no workflows" in shell("list", "--org", "acme")[1]
    status, out, err = shell("publish", *files, "--org", "acme")
    assert (status, [line.split()[:3] for line in out.splitlines()]) == (
        0,
        [["[1/3]", "a.json", "a:"], ["[2/3]", "b.json", "b:"], ["[3/3]", "c.json", "c:"]],
    )
    assert err == "checking 3 definitions\nall 3 are valid and published; waiting until Airflow runs them\n"
    rows = json.loads(shell("publish", *files, "--org", "acme", "--json")[1])
    assert [(row["file"], row["changed"], row["ready"]) for row in rows] == [
        (file, False, True) for file in files
    ]


@pytest.mark.parametrize("command", ["validate", "publish"])
def test_one_slug_in_two_files_or_one_file_twice_is_refused(shell: Shell, command: str) -> None:
    files = write("a.json", definition()), write("b.json", definition(name="Other"))
    status, out, err = shell(command, *files, "--org", "acme")
    assert status == 2
    assert "slug: 'joiner' is the slug of a.json already" in out + err
    status, out, err = shell(command, "a.json", "a.json", "--org", "acme")
    assert (status, "a.json is given twice" in err) == (2, True)
    assert "no workflows" in shell("list", "--org", "acme")[1]


def test_a_field_that_the_organization_does_not_show_is_refused_until_it_does(
    shell: Shell, database: Database, org: Organization
) -> None:
    reading = definition()
    reading["edges"][0]["condition"] = "event.payload.shirtSize == 'M'"
    file = write("a.json", reading)
    assert shell("validate", file)[0] == 0
    for status, out, err in (
        shell("validate", file, "--org", "acme"),
        shell("publish", file, "--org", "acme"),
    ):
        assert status == 2
        assert (
            "event.payload never has 'shirtSize': no schema names it, and acme does not show it" in out + err
        )
    with database.service() as session:
        session.merge(org).settings = {"shown_fields": ["shirtSize"]}
    assert shell("publish", file, "--org", "acme")[0] == 0


def test_what_is_published_and_not_ready_ends_with_1(
    shell: Shell, airflow: SmallAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow.reads_alone = False
    defaults = publish.Publisher.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "ready_seconds", 0.1)
    file = write("a.json", definition())
    status, out, _ = shell("publish", file, "--org", "acme")
    assert (status, "not ready yet" in out) == (1, True)
    assert shell("publish", file, "--org", "acme", "--no-wait")[0] == 0


def test_a_graph_is_drawn_from_a_file_and_from_what_is_published(shell: Shell) -> None:
    file = write("a.json", definition())
    drawn = shell("render", file, "--format", "mermaid")
    assert drawn[1].startswith("flowchart LR\n")
    shell("publish", file, "--org", "acme")
    assert shell("render", "joiner", "--org", "acme", "--format", "mermaid") == drawn


def test_the_schema_is_printed(shell: Shell) -> None:
    assert json.loads(shell("schema")[1])["title"] == "Workflow definition"


def test_a_renamed_node_is_asked_about_by_validate_and_by_publish_of_several_before_anything_is_published(
    shell: Shell,
) -> None:
    shell("publish", write("a.json", definition()), "--org", "acme")
    renamed = definition()
    renamed["nodes"][2]["id"] = "noted"
    for edge in renamed["edges"]:
        edge["to"] = "noted" if edge["to"] == "record" else edge["to"]
    status, out, _ = shell("validate", write("renamed.json", renamed), "--org", "acme")
    assert (status, '"renamedFrom": "record"' in out) == (2, True)
    assert shell("validate", "renamed.json")[0] == 0
    status, _, err = shell(
        "publish", write("other.json", definition("other")), "renamed.json", "--org", "acme"
    )
    assert (status, "renamedFrom" in err) == (2, True)
    assert "other" not in shell("list", "--org", "acme")[1]
    renamed["nodes"][2]["renamedFrom"] = "record"
    assert shell("publish", write("renamed.json", renamed), "--org", "acme")[0] == 0


def test_who_does_not_wait_for_airflow_is_told_that_it_is_published(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    files = write("a.json", definition()), write("b.json", definition("b"))
    with monkeypatch.context() as impatient:
        impatient.setattr(publish.Publisher, "followed", interrupted)
        status, _, err = shell("publish", *files, "--org", "acme")
    assert status != 0
    assert "what was given is published; Airflow takes it up by itself" in err
    assert [row["slug"] for row in json.loads(shell("list", "--org", "acme", "--json")[1])] == ["b", "joiner"]
