from __future__ import annotations

import json
from pathlib import Path

import pytest

from officeflow.database.tables import Organization
from tests.command import Command, officeflow
from tests.privacy.conftest import HIDDEN, SHOWN, Somebody, found_in

pytestmark = pytest.mark.integration
__all__ = ["officeflow"]
WHY = ("--why", "they asked")


def test_a_person_is_exported_into_a_folder_of_ones_own(
    officeflow: Command, somebody: Somebody, tmp_path: Path
) -> None:
    out = tmp_path / "e77"
    assert officeflow("person", "export", "acme", somebody.external_id, "--out", str(out)).status == 0
    assert HIDDEN in (out / "person.json").read_text()
    assert SHOWN in (out / "person.html").read_text()
    assert [oct(path.stat().st_mode & 0o777) for path in sorted(out.iterdir())] == ["0o600", "0o600"]
    assert officeflow("person", "export", "acme", "E-77").json["employee"] == "E-77"


def test_a_person_is_held_released_and_erased(
    officeflow: Command, somebody: Somebody, database_url: str
) -> None:
    erase = ("person", "erase", "acme", somebody.external_id, *WHY, "--wait", "0")
    assert officeflow("person", "hold", "acme", "E-77", *WHY, "--json").json["by"] == "cli:ana"
    assert officeflow("person", "holds", "acme", "--json").json[0]["employee"] == "E-77"
    refused = officeflow(*erase)
    assert (refused.status, "hold: cli:ana holds the person's data" in refused.err) == (2, True)
    assert officeflow("person", "release", "acme", "E-77", *WHY).status == 0
    done = officeflow(*erase)
    assert done.status == 0
    for told in ("1 keys destroyed", "Remains", "audit_records", "the steward is still at it at Airflow"):
        assert told in done.out
    assert "until they are removed; a backup is not changed" in done.out
    assert "until until" not in done.out
    assert found_in(database_url, SHOWN, HIDDEN) == {}
    assert officeflow("person", "erasures", "acme", "--json").json[0]["state"] == "ERASED"
    report = officeflow("person", "report", "acme", "E-77", "--json").json
    assert report["report"]["rows"]["node_runs"] == 1


@pytest.mark.usefixtures("boss", "somebody")
def test_two_people_erase_by_command(officeflow: Command) -> None:
    assert officeflow("org", "privacy", "acme", "--two-person", *WHY, "--json").json == {"two_person": True}
    asked = officeflow("person", "erase", "acme", "E-77", *WHY, "--as", "boss")
    assert (asked.status, "waits for a second admin" in asked.out) == (3, True)
    assert "person erase acme E-77 --confirm" in asked.out
    alone = officeflow("person", "erase", "acme", "E-77", "--confirm", "--as", "boss")
    assert (alone.status, "somebody else has to agree" in alone.err) == (2, True)
    agreed = officeflow("person", "erase", "acme", "E-77", "--confirm", "--as", "ceo", "--wait", "0")
    assert "confirmed by cli:ceo" in agreed.out


def test_retention_is_shown_settled_and_applied(officeflow: Command, org: Organization) -> None:
    shown = officeflow("org", "retention", org.slug, "--json").json
    assert {row["name"]: row["days"] for row in shown}["people"] == "for-ever"
    changed = officeflow("org", "retention", "acme", "--keep", "acts=30", *WHY, "--json").json
    assert {row["name"]: row["days"] for row in changed}["acts"] == 30
    assert officeflow("org", "retention", "acme", "--apply", "--json").json["done"] == {}
    for wrong in ("acts", "acts=-1", "acts=x"):
        assert officeflow("org", "retention", "acme", "--keep", wrong, *WHY).status == 2


def test_keys_are_rotated_and_their_way_is_shown(officeflow: Command, somebody: Somebody) -> None:
    assert officeflow("keys", "rotate", somebody.org.slug, "--people", *WHY).status == 0
    status = officeflow("keys", "status", "acme", "--json").json
    assert (status["organizations"], status["people"], status["ways"][0]["kind"]) == (2, 1, "PEOPLE")
    assert status["only_the_first_is_needed"] is False
    assert "keep every key" in officeflow("keys", "status").out
    assert officeflow("keys", "rotate", *WHY).status == 2
    assert officeflow("keys", "rotate", "--installation", *WHY).status == 0
    assert json.dumps(officeflow("keys", "status", "--json").json).count("INSTALLATION") == 1
