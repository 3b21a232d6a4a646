"""When a door was closed, by what each server writes down itself."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from officeflow.demo.identity.reading import READERS
from officeflow.demo.identity.reading.journal import JOURNAL
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Seen, Where

EVENT = dt.datetime(2026, 11, 28, 0, 50, 37, tzinfo=dt.UTC)
BEFORE, SOON, LATER = (EVENT + dt.timedelta(seconds=seconds) for seconds in (-1, 0.5, 2))
ANA = Seen(id="00u1", login="ana", active=False)


def closings(key: str, folder: Path, who: Seen = ANA) -> list[tuple[str, dt.datetime]]:
    where = Where(url="http://127.0.0.1:1/v2", secret="s", folder=folder)
    return [(each.door, each.at) for each in READERS[key](where).closings(who, EVENT)]


def asked(at: dt.datetime, method: str, path: str, status: int = 204) -> str:
    return json.dumps({"at": at.isoformat(), "method": method, "path": path, "status": status}) + "\n"


def test_the_first_request_that_closed_a_door_counts_and_none_that_was_refused_or_before(
    tmp_path: Path,
) -> None:
    suspend, sessions = "/api/v1/users/00u1/lifecycle/suspend", "/api/v1/users/00u1/sessions"
    (tmp_path / JOURNAL).write_text(
        asked(BEFORE, "DELETE", sessions)
        + asked(EVENT, "POST", suspend, 429)
        + asked(EVENT, "POST", "/api/v1/users/00u2/lifecycle/suspend")
        + asked(SOON, "POST", suspend)
        + asked(SOON, "GET", sessions)
        + asked(LATER, "DELETE", sessions)
        + asked(LATER, "DELETE", sessions)
    )
    assert closings("okta", tmp_path) == [(ACCOUNT, SOON), (SESSIONS, LATER)]


def test_an_account_of_scim_is_closed_by_a_change_of_it(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text(
        asked(SOON, "PATCH", "/v2/Groups/00u1") + asked(LATER, "PATCH", "/v2/Users/00u1")
    )
    assert closings("scim", tmp_path) == [(ACCOUNT, LATER)]


def test_slapd_tells_of_whom_first_and_of_what_then_with_others_between(tmp_path: Path) -> None:
    def line(moment: dt.datetime, told: str) -> str:
        return f"{int(moment.timestamp()):x}.{moment.microsecond * 1000:08x} 0x7f49c13fd6c0 {told}\n"

    (tmp_path / "requests.log").write_text(
        line(BEFORE, 'conn=1 op=1 MOD dn="uid=ana,ou=People,dc=acme,dc=example"')
        + line(BEFORE, "conn=1 op=1 MOD attr=pwdAccountLockedTime")
        + line(SOON, 'conn=2 op=1 MOD dn="uid=ana,ou=People,dc=acme,dc=example"')
        + line(SOON, 'conn=3 op=1 MOD dn="uid=bo,ou=People,dc=acme,dc=example"')
        + line(SOON, "conn=3 op=1 MOD attr=pwdAccountLockedTime")
        + line(SOON, "conn=2 op=1 MOD attr=title")
        + line(LATER, 'conn=2 op=2 MOD dn="uid=ana,ou=People,dc=acme,dc=example"')
        + line(LATER, "conn=2 op=2 MOD attr=pwdAccountLockedTime")
    )
    assert closings("ldap", tmp_path) == [(ACCOUNT, LATER)]


def test_samba_tells_who_was_disabled_wherever_the_account_is_by_now(tmp_path: Path) -> None:
    def line(moment: dt.datetime, name: str, attribute: str, status: int = 0) -> str:
        about: dict[str, Any] = {
            "operation": "Modify",
            "statusCode": status,
            "dn": f"CN={name},OU=Sales,OU=People,DC=acme,DC=example",
            "attributes": {attribute: {}},
        }
        at = f"{moment:%Y-%m-%dT%H:%M:%S.%f%z}"
        return json.dumps({"timestamp": at, "type": "dsdbChange", "dsdbChange": about}) + "\n"

    (tmp_path / "requests.log").write_text(
        "samba version 4\n"
        + line(BEFORE, "Ana Sol", "userAccountControl")
        + line(SOON, "Ana Sol", "title")
        + line(SOON, "Bo Ek", "userAccountControl")
        + line(SOON, "Ana Sol", "userAccountControl", 50)
        + line(LATER, "Ana Sol", "userAccountControl")
    )
    ana = Seen(id="CN=Ana Sol,OU=Leavers,DC=acme,DC=example", login="ana@acme.example", active=False)
    assert closings("ad", tmp_path, ana) == [(ACCOUNT, LATER)]
