"""`officeflow release`, `workflow protect | unprotect | plan` and `workflow draft`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from officeflow.airflow_api.client import OUR_ME
from officeflow.cli.main import run
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.tenants import users
from officeflow.workflows import drafts, publish, store
from tests.workflows.conftest import SmallAirflow, definition, takes_all

pytestmark = pytest.mark.integration


class Known(SmallAirflow):
    """Lets in whoever gives a password, under the login of `signs_in`."""

    signs_in = "bo"

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        if path == "/ui/auth/me":
            return 200, {"username": self.signs_in}
        if path == OUR_ME:
            return 200, {"is_platform_admin": False}
        return super().answer(method, path)


@pytest.fixture
def airflow(database: Database) -> Any:
    server = Known(database)
    yield server
    server.stop()


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"secret\n")))
        with pytest.raises(SystemExit) as ended:
            run([*arguments, "--org", "acme"])
        printed = self.capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    def json(self, *arguments: str) -> Any:
        status, out, err = self(*arguments, "--json")
        assert status in {0, 3}, err
        return json.loads(out)


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    database: Database,
    airflow: Known,
    org: Organization,
    tmp_path: Path,
) -> Shell:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.url)
    monkeypatch.setattr(publish.Publisher.__init__, "__defaults__", (takes_all,))
    monkeypatch.chdir(tmp_path)
    with database.tenant(org.org_id) as session:
        for name in ("ana", "bo"):
            email = f"{name}@acme.example"
            users.create(session, org.org_id, email=email, name=name, role="admin", airflow_login=name)
    return Shell(capsys, monkeypatch)


def write(**fields: Any) -> str:
    Path("joiner.json").write_text(json.dumps(definition(**fields)))
    return "joiner.json"


def version(database: Database, org: Organization) -> int:
    with database.tenant(org.org_id) as session:
        return store.find(session, org.org_id, "joiner").version


def test_a_protected_workflow_by_two_people(
    shell: Shell, airflow: Known, database: Database, org: Organization
) -> None:
    assert shell("workflow", "publish", write())[0] == 0
    assert shell("workflow", "protect", "joiner", "--why", "payroll")[1] == "joiner: protected\n"
    status, out, _ = shell("workflow", "publish", write(name="New"), "--as", "ana", "--why", "new payroll")
    assert status == 3
    assert "another admin has to release it" in out
    (line,) = shell.json("release", "list")
    assert (line["requested_by"], line["why"]) == ("cli:ana", "new payroll")
    name = line["release_id"]
    (changes,) = shell.json("release", "show", name)["changes"]
    assert [each["path"] for each in changes["changes"]] == ["name"]
    sign_in = ("--login", "x", "--password-stdin")
    airflow.signs_in = "ana"
    status, _, err = shell("release", "approve", name, *sign_in)
    assert (status, "not the one who releases it" in err) == (1, True)
    airflow.signs_in = "stranger"
    assert shell("release", "override", name, "--why", "mine", *sign_in)[0] == 77
    assert version(database, org) == 1
    airflow.signs_in = "bo"
    assert shell("release", "approve", name, *sign_in)[1] == "joiner: approved by airflow:bo\n"
    assert version(database, org) == 2
    assert shell("release", "list")[1] == "nothing waits for a second person\n"
    status, out, _ = shell("workflow", "unprotect", "joiner", "--why", "calm")
    assert (status, "waits for release" in out) == (3, True)
    (waiting,) = shell.json("release", "list")
    assert shell("release", "refuse", waiting["release_id"], "--why", "no", *sign_in)[0] == 0
    assert [each["state"] for each in shell.json("release", "list", "--all")] == ["REFUSED", "APPROVED"]


def test_limits(shell: Shell) -> None:
    kind = ("release", "limits", "--kind", "employee.exit")
    assert shell.json(*kind, "--per-hour", "5", "--why", "small")["release"] is None
    assert shell.json(*kind, "--none", "--why", "we grow")["release"]
    rows = {each["kind"]: each["per_hour"] for each in shell.json("release", "limits")}
    assert rows["employee.exit"] == 5
    assert shell(*kind, "--why", "what?")[0] == 2
    assert shell(*kind, "--per-hour", "4")[0] == 2
    assert shell(*kind, "--none", "--per-hour", "4", "--why", "which?")[0] == 2


def test_a_looser_limit_says_that_it_waits_and_leaves_what_was_not_named(shell: Shell) -> None:
    kind = ("release", "limits", "--kind", "employee.exit")
    assert shell(*kind, "--per-hour", "20", "--share", "0.05", "--why", "careful")[0] == 0
    status, out, _ = shell(*kind, "--per-hour", "100", "--why", "we grow")
    (waiting,) = shell.json("release", "list")
    told = " ".join(out.split())
    assert status == 3
    assert "100 events an hour and events about 5 % of the people lets more pass" in told
    assert "until then: 20 events an hour and events about 5 % of the people" in told
    assert f"release approve {waiting['release_id']} --org acme" in told
    assert shell("release", "approve", waiting["release_id"], "--login", "x", "--password-stdin")[0] == 0
    assert shell.json(*kind, "--per-hour", "50", "--why", "calmer") == {
        "kind": "employee.exit",
        "per_hour": 50,
        "share": 0.05,
        "wanted": None,
        "release": None,
    }
    cleared = shell.json(*kind, "--share", "none", "--why", "few people")
    assert (cleared["share"], cleared["wanted"]) == (0.05, {"per_hour": 50, "share": None})


def test_plan(shell: Shell) -> None:
    shell("workflow", "publish", write())
    body = {"type": "employee.onboard", "organizationId": "acme", "employeeId": "E1"}
    body |= {"timestamp": "2026-01-05T09:00:00Z", "payload": {}}  # type: ignore[dict-item]
    Path("event.json").write_text(json.dumps(body))
    told = shell.json("workflow", "plan", "joiner", "--event", "event.json", "--offline")
    assert [each["verdict"] for each in told["nodes"]] == ["RUNS", "UNKNOWN", "UNKNOWN"]
    status, out, _ = shell("workflow", "plan", "joiner.json", "--event", "event.json", "--offline")
    assert status == 0
    assert out.startswith("it starts: events of the kind employee.onboard start it")
    assert "cannot know" in out
    assert shell("workflow", "plan", "joiner")[0] == 2
    assert shell("workflow", "plan", "joiner", "--employee", "nobody")[0] == 2


def test_drafts(shell: Shell, database: Database, org: Organization) -> None:
    made = drafts.create(database, org.org_id, {"slug": "joiner", "name": "Mine"}, by="airflow:ana")
    (line,) = shell.json("workflow", "draft", "list")
    assert (line["title"], line["edited_by"]) == ("Mine", "airflow:ana")
    assert json.loads(shell("workflow", "draft", "show", str(made.draft_id))[1]) == made.content
    assert shell("workflow", "draft", "delete", str(made.draft_id))[0] == 0
    assert shell("workflow", "draft", "show", str(made.draft_id))[0] == 2
