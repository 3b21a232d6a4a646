"""Partial responses of the played Google Workspace: what `fields` names, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from counterparts.google.partial import part
from counterparts.vendors.routes import Refused
from tests.counterparts.google import GoogleWorkspace

ANSWER: dict[str, Any] = {
    "kind": "users",
    "users": [{"id": "1", "name": {"givenName": "Ana", "familyName": "Pérez"}, "emails": [{"address": "a"}]}],
}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ("kind", {"kind": "users"}),
        ("users(id,name/givenName)", {"users": [{"id": "1", "name": {"givenName": "Ana"}}]}),
        ("users/emails(address), nextPageToken", {"users": [{"emails": [{"address": "a"}]}]}),
        ("*", ANSWER),
        ("users(*)", {"users": ANSWER["users"]}),
        ("users/id,kind", {"users": [{"id": "1"}], "kind": "users"}),
    ],
)
def test_of_an_answer_is_left_what_is_named(fields: str, left: dict[str, Any]) -> None:
    assert part(ANSWER, fields) == left


@pytest.mark.parametrize("fields", [",", "users(", "users(id", "users)", "users/", "users((id))"])
def test_a_mask_that_cannot_be_read_is_refused(fields: str) -> None:
    with pytest.raises(Refused):
        part(ANSWER, fields)


def test_a_list_of_users_is_cut_to_its_mask(google_workspace: GoogleWorkspace) -> None:
    google_workspace.control("POST", "crowd", {"count": 2})
    asked: dict[str, str | int] = {
        "customer": "my_customer",
        "maxResults": 1,
        "fields": "nextPageToken,users/primaryEmail",
    }
    with google_workspace.client() as client:
        told = client.get("/admin/directory/v1/users", params=asked).raise_for_status().json()
    assert told["nextPageToken"]
    assert [set(user) for user in told["users"]] == [{"primaryEmail"}]
