"""A real slapd."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from officeflow.demo.identity.reading.directory import BASE, LOG, Directory, one
from officeflow.demo.identity.reading.seen import ACCOUNT, Closing, Seen

LOCKED_FOR_GOOD = "000001010000Z"
"""draft-behera-ldap-password-policy, section 5.3.3."""
MODIFIES = re.compile(r'([0-9a-f]+)\.([0-9a-f]+) \S+ (conn=\d+ op=\d+) MOD (dn="uid=([^,"]*)|attr=(.*))')
"""Two lines of slapd's log: when (hexadecimal seconds and nanoseconds), which operation, and first of whom,
then of which attributes.
"""


class Ldap(Directory):
    administrator = f"cn=admin,{BASE}"
    number = "employeeNumber"

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        """By slapd's log: the modification that locks the account for good."""
        whose = dict[str, str]()
        with (self._where.folder / LOG).open(encoding="utf-8", errors="replace") as lines:
            for found in filter(None, map(MODIFIES.match, lines)):
                seconds, parts, operation, _, login, attributes = found.groups()
                whose |= {operation: login} if login else {}
                at = dt.datetime.fromtimestamp(int(seconds, 16) + int(parts, 16) / 1e9, dt.UTC)
                locks = "pwdAccountLockedTime" in (attributes or "") and whose.get(operation) == seen.login
                if locks and at >= since:
                    yield Closing(ACCOUNT, at, f"MOD {attributes.strip()}")
                    return

    def _login(self, entry: Mapping[str, list[str]]) -> str:
        return one(entry, "uid")

    def _is_active(self, entry: Mapping[str, list[str]]) -> bool:
        return one(entry, "pwdAccountLockedTime") != LOCKED_FOR_GOOD
