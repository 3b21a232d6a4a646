"""What the vendors' fakes have in common for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.counterparts.process import UNENCRYPTED, Counterpart


class VendorFake(Counterpart):
    """`url` is where the vendor's own addresses begin."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """Ask the fake itself; what it answers."""
        response = httpx.request(
            method,
            f"{self.url}/__control/{name}",
            json=body,
            headers={"Authorization": f"Bearer {self.secret}"},
            trust_env=False,
            verify=UNENCRYPTED,
        )
        assert response.is_success, response.text
        return response.json()

    def reset(self) -> None:
        self.control("POST", "reset")

    def state(self, kind: str) -> dict[str, dict[str, Any]]:
        """All documents of the kind, by id, whatever the vendor's own interface shows of them."""
        found: dict[str, dict[str, Any]] = self.control("GET", "state").get(kind, {})
        return found

    def put(self, kind: str, identity: str, document: dict[str, Any]) -> None:
        self.control("PUT", f"state/{kind}/{identity}", document)

    def add_faults(self, *faults: dict[str, Any]) -> None:
        """Each as `counterparts.vendors.faults` says."""
        self.control("POST", "faults", list(faults))

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def put_clock_forward(self, seconds: float) -> None:
        self.control("POST", "clock", {"ahead": seconds})

    def writes(self) -> list[dict[str, Any]]:
        """Every request since the test began that asks for a change, refused ones too."""
        return [request for request in self.requests() if request.get("effect") == "writes"]

    def problems(self) -> list[dict[str, Any]]:
        """The requests since the test began that the vendor's description does not allow."""
        return [request for request in self.requests() if request.get("problems")]

    @contextmanager
    def only_reads(self) -> Iterator[None]:
        """Nothing inside asks for a change."""
        before = len(self.writes())
        yield
        assert self.writes()[before:] == []
