"""An Okta organization."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx

from counterparts.okta.described import description
from counterparts.vendors.openapi import OpenApi
from tests.counterparts.process import UNENCRYPTED
from tests.counterparts.vendors import VendorFake

GROUPS = ("Staff", "Engineering", "Sales")


class OktaServer(VendorFake):
    """`url` is the organization's, `token` the SSWS token of its super administrator; the groups `GROUPS`
    exist and are empty.
    """

    fixture = "okta_server"
    module = "okta"

    @property
    def token(self) -> str:
        return self.secret

    def arguments(self) -> list[str]:
        return [*super().arguments(), *(part for group in GROUPS for part in ("--group", group))]

    def client(self, token: str = "", scheme: str = "SSWS", **options: Any) -> httpx.Client:
        headers = {"Authorization": f"{scheme} {token or self.token}"}
        return httpx.Client(
            base_url=self.url, headers=headers, trust_env=False, verify=UNENCRYPTED, **options
        )

    def user(self, login: str) -> dict[str, Any] | None:
        return next((u for u in self.state("user").values() if u["profile"]["login"] == login), None)

    def group(self, name: str) -> dict[str, Any]:
        return next(g for g in self.state("group").values() if g["profile"]["name"] == name)

    def groups_of(self, login: str) -> set[str]:
        """The names of the groups that the user was put into, so not Everyone."""
        user, groups = self.user(login) or {}, self.state("group")
        members = self.state("membership").values()
        return {groups[m["groupId"]]["profile"]["name"] for m in members if m["userId"] == user.get("id")}

    def can_sign_in(self, login: str) -> bool:
        return bool(self.control("POST", "sign_in", {"login": login})["signed_in"])


def examined(response: httpx.Response) -> None:
    """An event hook: an answer fits Okta's own description, where there is one."""
    if described := _description():
        response.read()
        body = response.json() if response.content else None
        path = response.request.url.path
        problems = described.answer_problems(response.request.method, path, response.status_code, body)
        assert problems == []


@cache
def _description() -> OpenApi | None:
    return description()
