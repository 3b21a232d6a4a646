"""SCIM servers that depart from the RFC."""

from __future__ import annotations

from typing import Any

import httpx

from tests.counterparts.process import UNENCRYPTED, Counterpart


class OddScimServers(Counterpart):
    """A server for each dialect of `counterparts/scim_odd/dialects.py`."""

    fixture = "odd_scim"
    module = "scim_odd"

    def url(self, dialect: str) -> str:
        return f"http://127.0.0.1:{self.port}/{dialect}/v2"

    def client(self, path: str = "") -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/{path}",
            headers={"Authorization": f"Bearer {self.secret}"},
            trust_env=False,
            verify=UNENCRYPTED,
        )

    def state(self, dialect: str) -> dict[str, Any]:
        """What the server has, by endpoint and id, with the `passwords`."""
        with self.client("__control") as http:
            return dict(http.get(f"/{dialect}").raise_for_status().json())

    def members(self, dialect: str, group: str) -> list[str]:
        (found,) = [each for each in self.state(dialect)["Groups"].values() if each["displayName"] == group]
        return [member["value"] for member in found["members"]]

    def reset(self) -> None:
        with self.client("__control") as http:
            http.post("/reset").raise_for_status()
