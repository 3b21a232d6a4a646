"""A Microsoft 365 / Entra tenant."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

import httpx

from counterparts.entra.application import described
from counterparts.entra.corrections import GraphDescription
from tests.counterparts.process import UNENCRYPTED
from tests.counterparts.vendors import VendorFake

TENANT = "7d5f4a9e-0c1b-4d8e-9a63-2f1e6b7c8d90"
CLIENT = "5f0b3c1e-6a0d-4a52-8b8e-3d9f1c2a7e41"
READER = "a1c4e7d2-93b5-4f6a-8c0d-7e2b5f9a1d38"
DOMAIN = "acme.example"
OFFICE, SCARCE = "6fd2c87f-b296-42f0-b197-1e91e994b900", "f8a1db68-be16-40ed-86d5-cb42ce701560"
"""Licences (`skuId`): 25 of the first, one of the second."""
EVENTUAL = {"ConsistencyLevel": "eventual"}
PASSWORD = "Str0ng-and-long!"


def fixed(name: str) -> str:
    """The id of what is there from the start: a group's name, `Wiki principal`, `Wiki Editor` (a role)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://entra.example/{name}"))


def login(name: str) -> str:
    return f"{name}@{DOMAIN}"


def new(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "accountEnabled": True,
        "displayName": name.title(),
        "mailNickname": name,
        "userPrincipalName": login(name),
        "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": False},
        **fields,
    }


def made(graph: httpx.Client, name: str, **fields: Any) -> str:
    answer = graph.post("/users", json=new(name, **fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return sorted(each["displayName"] for each in answer.json()["value"])


def reference(graph: httpx.Client, identifier: str) -> dict[str, str]:
    return {"@odata.id": f"{graph.base_url}directoryObjects/{identifier}"}


@cache
def _description() -> GraphDescription | None:
    return described()


def examined(response: httpx.Response) -> None:
    """An event hook: an answer fits Microsoft Graph's own description, where there is one."""
    if description := _description():
        response.read()
        request = response.request
        if request.url.path.endswith("/$count"):
            return
        body = response.json() if response.content else None
        problems = description.answer_problems(request.method, request.url.path, response.status_code, body)
        assert problems == [], (request.method, request.url.path, response.text)


class EntraServer(VendorFake):
    """`url` is the address of both Microsoft Graph (`/v1.0`) and the token endpoint; the application `CLIENT`
    may do everything, `READER` reads users. Their secret is `secret`.
    """

    fixture = "entra_server"
    module = "entra"

    def token(self, client: str = CLIENT) -> str:
        answer = self.ask_for_token(client_id=client, client_secret=self.secret)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def ask_for_token(self, **form: str) -> httpx.Response:
        defaults = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        return httpx.post(
            f"{self.url}/{TENANT}/oauth2/v2.0/token",
            data={**defaults, **form},
            trust_env=False,
            verify=UNENCRYPTED,
        )

    def client(self, client: str = CLIENT) -> httpx.Client:
        """Speaks with Microsoft Graph, as the application."""
        return httpx.Client(
            base_url=f"{self.url}/v1.0",
            headers={"Authorization": f"Bearer {self.token(client)}"},
            trust_env=False,
            verify=UNENCRYPTED,
            event_hooks={"response": [examined]},
        )

    def user(self, login: str) -> dict[str, Any] | None:
        return next((u for u in self.state("user").values() if u["userPrincipalName"] == login), None)

    def groups_of(self, login: str) -> set[str]:
        """The names of the groups that the user is a direct member of."""
        user, groups = self.user(login) or {}, self.state("group")
        members = self.state("member").values()
        return {groups[m["source"]]["displayName"] for m in members if m["target"] == user.get("id")}

    def sign_in(self, login: str, password: str = PASSWORD) -> int | None:
        """None where the person gets in; else the number of the refusal (`AADSTS…`)."""
        error: int | None = self.control("POST", "sign_in", {"user": login, "password": password})["error"]
        return error
