"""Google's own client takes the Google Workspace that is played for the real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from counterparts.google.scopes import AUTH, USUAL
from counterparts.vendors.discovery import documents
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

ADA = "ada@acme.example"
Service = Callable[..., Any]


@pytest.fixture
def service(google_workspace: GoogleWorkspace) -> Iterator[Service]:
    """A client of the API of a document; `scopes` and `subject` are those of its token."""

    def build(name: str, scopes: list[str] = USUAL, subject: str = google_workspace.admin) -> Any:
        folder = documents()
        assert folder is not None
        document = json.loads((folder / f"{name}.json").read_text())
        document["rootUrl"] = f"{google_workspace.url}/"
        document["baseUrl"] = document["rootUrl"] + document["servicePath"]
        untyped: Any = service_account.Credentials
        credentials = untyped.from_service_account_info(google_workspace.key, scopes=scopes, subject=subject)
        made.append(build_from_document(document, credentials=credentials))
        return made[-1]

    made: list[Any] = []
    yield build
    for each in made:
        each.close()


def person(login: str) -> dict[str, Any]:
    name = {"givenName": login.capitalize(), "familyName": "Løvelace 😀"}
    return {"primaryEmail": f"{login}@acme.example", "name": name, "password": "correct horse"}


def test_it_hires_licenses_and_ends_a_person(google_workspace: GoogleWorkspace, service: Service) -> None:
    directory = service("admin.directory_v1")
    made = directory.users().insert(body=person("ada")).execute()
    with pytest.raises(HttpError) as twice:
        directory.users().insert(body=person("ada")).execute()
    assert (twice.value.status_code, twice.value.error_details[0]["reason"]) == (409, "duplicate")
    directory.members().insert(groupKey="staff@acme.example", body={"email": ADA}).execute()
    directory.users().update(userKey=ADA, body={"orgUnitPath": "/Former staff"}).execute()
    unit = directory.orgunits().get(customerId="my_customer", orgUnitPath="Former staff").execute()
    assert unit["name"] == "Former staff"
    licences = service("licensing.v1").licenseAssignments()
    licences.insert(productId="Google-Apps", skuId="1010020028", body={"userId": ADA}).execute()
    settings = service("groupssettings.v1").groups().get(groupUniqueId="staff@acme.example").execute()
    assert settings["name"] == "Staff"
    directory.users().signOut(userKey=ADA).execute()
    directory.users().delete(userKey=ADA).execute()
    directory.users().undelete(userKey=made["id"], body={"orgUnitPath": "/"}).execute()
    assert directory.users().get(userKey=ADA).execute()["name"] == {**made["name"]}
    assert google_workspace.problems() == []


def test_it_turns_pages_and_sends_batches(google_workspace: GoogleWorkspace, service: Service) -> None:
    google_workspace.control("POST", "crowd", {"count": 7})
    users = service("admin.directory_v1").users()
    request, seen = users.list(customer="my_customer", maxResults=3), []
    while request is not None:
        answer = request.execute()
        seen += [user["primaryEmail"] for user in answer["users"]]
        request = users.list_next(request, answer)
    assert len(seen) == len(set(seen)) == 8
    answers: dict[str, Any] = {}

    def keep(name: str, answer: Any, error: HttpError | None) -> None:
        answers[name] = error.status_code if error else answer["primaryEmail"]

    batch = service("admin.directory_v1").new_batch_http_request(callback=keep)
    batch.add(users.insert(body=person("ada")), request_id="new")
    batch.add(users.get(userKey=ADA), request_id="read")
    batch.add(users.get(userKey="ghost@acme.example"), request_id="nobody")
    batch.execute()
    assert answers == {"new": ADA, "read": ADA, "nobody": 404}
    assert google_workspace.problems() == []


def test_it_makes_a_profile_of_inbound_sso_and_hands_files_over(
    google_workspace: GoogleWorkspace, service: Service
) -> None:
    config = {"entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"}
    profiles = service("cloudidentity.v1").inboundSamlSsoProfiles()
    made = profiles.create(body={"displayName": "IdP", "idpConfig": config}).execute()
    assert profiles.get(name=made["response"]["name"]).execute()["idpConfig"] == config
    users = service("admin.directory_v1").users()
    ada, admin = (
        users.insert(body=person("ada")).execute(), users.get(userKey=google_workspace.admin).execute()
    )  # fmt: skip
    transfers = service("admin.datatransfer_v1")
    drive = transfers.applications().list(customerId="my_customer").execute()["applications"][0]
    body = {
        "oldOwnerUserId": ada["id"],
        "newOwnerUserId": admin["id"],
        "applicationDataTransfers": [{"applicationId": drive["id"]}],
    }
    transfer = transfers.transfers().insert(body=body).execute()
    assert transfers.transfers().get(dataTransferId=transfer["id"]).execute()["id"] == transfer["id"]
    assert google_workspace.problems() == []


def test_it_is_told_what_was_not_granted(google_workspace: GoogleWorkspace, service: Service) -> None:
    with pytest.raises(RefreshError) as not_granted:
        service("admin.directory_v1", [f"{AUTH}drive"]).users().get(userKey=google_workspace.admin).execute()
    with pytest.raises(RefreshError) as nobody:
        service("admin.directory_v1", USUAL, "ghost@acme.example").users().get(userKey=ADA).execute()
    errors = [each.value.args[1]["error"] for each in (not_granted, nobody)]
    assert errors == ["unauthorized_client", "invalid_grant"]
    read_only = service("admin.directory_v1", [f"{AUTH}admin.directory.user.readonly"])
    with pytest.raises(HttpError) as refused:
        read_only.users().insert(body=person("ada")).execute()
    assert refused.value.error_details[0]["reason"] == "insufficientPermissions"
