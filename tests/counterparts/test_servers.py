"""The counterparts keep what they are told through `kill -9`, and their journals count every call."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from tests.counterparts.caldav import CaldavServer
from tests.counterparts.inbox import SmtpInbox
from tests.counterparts.scim import ForgetfulScimServer, ScimServer

pytestmark = pytest.mark.integration

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//test//EN\r
BEGIN:VEVENT\r
UID:first-day\r
DTSTAMP:20260105T080000Z\r
DTSTART:20260105T090000Z\r
DTEND:20260105T100000Z\r
SUMMARY:First day\r
END:VEVENT\r
END:VCALENDAR\r
"""


def create_user(server: ScimServer, login: str) -> dict[str, str]:
    body = {
        "schemas": [USER, ENTERPRISE],
        "userName": login,
        "externalId": "e1",
        "active": True,
        ENTERPRISE: {"department": "Engineering"},
    }
    with server.client() as client:
        created: dict[str, str] = client.post("/Users", json=body).raise_for_status().json()
        return created


def join(server: ScimServer, group: str, user_id: str) -> None:
    operation = {"op": "add", "path": "members", "value": [{"value": user_id}]}
    with server.client() as client:
        found = client.get("/Groups", params={"filter": f'displayName eq "{group}"'}).json()["Resources"]
        path = f"/Groups/{found[0]['id']}"
        client.patch(path, json={"schemas": [PATCH], "Operations": [operation]}).raise_for_status()


def send(server: SmtpInbox, subject: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "hr@acme.example",
        "ada@acme.example",
        subject,
        "<k1@acme.example>",
    )
    mail.set_content("hello")
    with smtplib.SMTP(server.host, server.port) as client:
        client.send_message(mail)


@pytest.mark.crash
def test_an_account_and_its_groups_survive_kill_9(scim_server: ScimServer) -> None:
    created = create_user(scim_server, "ada")
    join(scim_server, "Staff", created["id"])
    before = scim_server.user("ada")
    scim_server.kill()
    scim_server.start()
    assert before is not None
    assert scim_server.user("ada") == before
    assert before[ENTERPRISE] == {"department": "Engineering"}
    assert scim_server.groups_of("ada") == {"Staff"}


def test_a_login_is_unique_also_after_a_restart(scim_server: ScimServer) -> None:
    create_user(scim_server, "ada")
    scim_server.kill()
    scim_server.start()
    with scim_server.client() as client:
        assert client.post("/Users", json={"schemas": [USER], "userName": "ADA"}).status_code == 409


def test_a_forgetful_directory_says_yes_and_keeps_no_employee_number(
    forgetful_scim_server: ForgetfulScimServer,
) -> None:
    created = create_user(forgetful_scim_server, "ada")
    kept = forgetful_scim_server.user("ada")
    assert kept is not None
    assert "externalId" not in created.keys() | kept.keys()
    assert (kept["id"], kept[ENTERPRISE]) == (created["id"], {"department": "Engineering"})


def test_an_etag_of_before_a_change_is_refused(scim_server: ScimServer) -> None:
    created = create_user(scim_server, "ada")
    operation = {"op": "replace", "path": "active", "value": False}
    with scim_server.client() as client:
        path, body = f"/Users/{created['id']}", {"schemas": [PATCH], "Operations": [operation]}
        etag = client.get(path).headers["ETag"]
        assert client.patch(path, json=body, headers={"If-Match": etag}).is_success
        assert client.patch(path, json=body, headers={"If-Match": etag}).status_code == 412


def test_a_deleted_account_leaves_its_groups(scim_server: ScimServer) -> None:
    created = create_user(scim_server, "ada")
    join(scim_server, "Sales", created["id"])
    with scim_server.client() as client:
        assert client.delete(f"/Users/{created['id']}").status_code == 204
        groups = client.get("/Groups", params={"filter": f'members.value eq "{created["id"]}"'}).json()
    assert groups["totalResults"] == 0


def test_a_patched_user_keeps_no_stale_groups(scim_server: ScimServer) -> None:
    """`groups` is derived: a write to the user while it is a member must not freeze the membership."""
    created = create_user(scim_server, "ada")
    join(scim_server, "Sales", created["id"])
    with scim_server.client() as client:
        operation = {"op": "replace", "path": "displayName", "value": "Ada"}
        client.patch(
            f"/Users/{created['id']}", json={"schemas": [PATCH], "Operations": [operation]}
        ).raise_for_status()
        group = client.get("/Groups", params={"filter": 'displayName eq "Sales"'}).json()["Resources"][0]
        operation = {"op": "remove", "path": "members"}
        client.patch(
            f"/Groups/{group['id']}", json={"schemas": [PATCH], "Operations": [operation]}
        ).raise_for_status()
    assert scim_server.groups_of("ada") == set()


def test_the_scim_journal_counts_writes_with_their_status_and_correlation_id(scim_server: ScimServer) -> None:
    with scim_server.client() as client:
        client.headers["X-Correlation-Id"] = "c-1"
        client.post("/Users", json={"schemas": [USER], "userName": "ada"})
        client.post("/Users", json={"schemas": [USER], "userName": "ada"})
        client.get("/Users")
    writes = [(w["method"], w["path"], w["status"], w["correlation_id"]) for w in scim_server.writes()]
    assert writes == [("POST", "/v2/Users", 201, "c-1"), ("POST", "/v2/Users", 409, "c-1")]


def test_a_request_without_the_token_is_refused(scim_server: ScimServer) -> None:
    with scim_server.client() as client:
        assert client.get("/Users", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.crash
def test_a_mail_survives_kill_9_and_is_counted_once(smtp_inbox: SmtpInbox) -> None:
    send(smtp_inbox, "Welcome")
    smtp_inbox.kill()
    smtp_inbox.start()
    assert [m["subject"] for m in smtp_inbox.messages()] == ["Welcome"]
    assert "Message-ID: <k1@acme.example>" in smtp_inbox.source(smtp_inbox.messages()[0]["id"])
    assert [(w["message_id"], w["recipients"]) for w in smtp_inbox.writes()] == [
        ("<k1@acme.example>", ["ada@acme.example"])
    ]


@pytest.fixture
def closed_inbox(tmp_path: Path) -> Iterator[SmtpInbox]:
    """One that is to be signed in to, as the demonstration's."""

    class Closed(SmtpInbox):
        def arguments(self) -> list[str]:
            return [*super().arguments(), "--user", "people"]

    inbox = Closed(tmp_path)
    inbox.start()
    yield inbox
    inbox.stop()


def test_the_inbox_takes_and_shows_mails_only_to_its_user(closed_inbox: SmtpInbox) -> None:
    with smtplib.SMTP(closed_inbox.host, closed_inbox.port) as stranger:
        assert stranger.docmd("HELO", "x")[0] == 250
        assert stranger.mail("hr@acme.example")[0] == 530
    with smtplib.SMTP(closed_inbox.host, closed_inbox.port) as stranger:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            stranger.login("people", "wrong")
        assert stranger.mail("hr@acme.example")[0] == 530
        for nonsense in ("PLAIN", "PLAIN *", "PLAIN eA==", "LOGIN eA==", ""):
            assert stranger.docmd("AUTH", nonsense)[0] in {504, 535}
        stranger.login("people", closed_inbox.secret)
        stranger.sendmail("hr@acme.example", ["ada@acme.example"], "Subject: Welcome\r\n\r\nhello")
    address = f"{closed_inbox.url}/messages/"
    assert [
        httpx.get(address, auth=auth, trust_env=False).status_code for auth in (None, ("people", "wrong"))
    ] == [401, 401]
    shown = httpx.get(address, auth=("people", closed_inbox.secret), trust_env=False).json()
    assert [mail["subject"] for mail in shown["messages"]] == ["Welcome"]


@pytest.mark.crash
def test_a_meeting_survives_kill_9_and_its_uid_is_taken(caldav_server: CaldavServer) -> None:
    url = f"{caldav_server.calendar_url}first-day.ics"
    headers = {"Content-Type": "text/calendar", "If-None-Match": "*"}
    with caldav_server.client() as client:
        assert client.put(url, content=EVENT, headers=headers).status_code == 201
        caldav_server.kill()
        caldav_server.start()
        assert client.put(url, content=EVENT, headers=headers).status_code == 412
    assert "SUMMARY:First day" in caldav_server.events()
    assert [w["status"] for w in caldav_server.writes()] == [201, 412]


def test_a_wrong_password_is_refused(caldav_server: CaldavServer) -> None:
    with caldav_server.client() as client:
        assert client.get(caldav_server.calendar_url, auth=("people", "wrong")).status_code == 401
