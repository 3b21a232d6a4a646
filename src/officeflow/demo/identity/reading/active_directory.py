"""A real domain controller, Samba's."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.demo.identity.reading.directory import LOG, Directory, one
from officeflow.demo.identity.reading.seen import ACCOUNT, Closing, Seen

DISABLED = 2
"""The flag of userAccountControl."""


class ActiveDirectory(Directory):
    administrator = "Administrator@acme.example"
    number = "employeeID"

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        """By Samba's audit log: the modification of the flags that disable the account."""
        name = seen.id.partition(",")[0].lower()
        for told in self._audited():
            about = told.get("dsdbChange", {})
            is_it = about.get("operation") == "Modify" and about["dn"].lower().startswith(f"{name},")
            if not is_it or "userAccountControl" not in about.get("attributes", {}):
                continue
            at = dt.datetime.strptime(told["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
            if at >= since and about["statusCode"] == 0:
                yield Closing(ACCOUNT, at, "Modify userAccountControl")
                return

    def _audited(self) -> Iterator[dict[str, Any]]:
        with (self._where.folder / LOG).open(encoding="utf-8", errors="replace") as lines:
            yield from (json.loads(line) for line in lines if line.startswith("{"))

    def _login(self, entry: Mapping[str, list[str]]) -> str:
        return one(entry, "userPrincipalName")

    def _is_active(self, entry: Mapping[str, list[str]]) -> bool:
        return not int(one(entry, "userAccountControl") or DISABLED) & DISABLED
