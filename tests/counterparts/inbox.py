"""Mail servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.counterparts.process import UNENCRYPTED, Counterpart, free_port


class SmtpInbox(Counterpart):
    """SMTP on `host`, `port`, without sign-in; its web page and REST at `url`."""

    fixture = "smtp_inbox"
    module = "inbox"
    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.web_port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def ports(self) -> tuple[int, ...]:
        return (self.port, self.web_port)

    def arguments(self) -> list[str]:
        return ["--smtp-port", str(self.port), "--web-port", str(self.web_port)]

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, trust_env=False, verify=UNENCRYPTED).raise_for_status()

    def messages(self) -> list[dict[str, Any]]:
        """Every mail in the inbox: id, sender, recipients {to, cc, bcc}, subject, size."""
        return list(self._get("/messages/").json()["messages"])

    def source(self, number: int) -> str:
        """The mail as it came over SMTP."""
        return self._get(f"/messages/{number}.source").text

    def reset(self) -> None:
        httpx.delete(self.url + "/messages/", trust_env=False, verify=UNENCRYPTED).raise_for_status()
