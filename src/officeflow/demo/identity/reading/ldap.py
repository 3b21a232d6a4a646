"""A real slapd."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from officeflow.demo.identity.reading.directory import BASE, LOG, Directory, one
from officeflow.demo.identity.reading.seen import ACCOUNT, Closing, Seen

LOCKED_FOR_GOOD = "000001010000Z"
"""draft-behera-ldap-password-policy, section 5.3.3."""
MODIFIED = re.compile(r"([0-9a-f]+)\.([0-9a-f]+) \S+ conn=\d+ op=\d+ MOD attr=(.*)")
"""A line of slapd's log: hexadecimal seconds and nanoseconds, and what is modified of the entry of the line
before.
"""


class Ldap(Directory):
    administrator = f"cn=admin,{BASE}"
    number = "employeeNumber"

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        """By slapd's log: the modification that locks the account for good."""
        with (self._where.folder / LOG).open(encoding="utf-8", errors="replace") as lines:
            before = ""
            for line in lines:
                found = MODIFIED.match(line)
                if found and f"uid={seen.login}," in before and "pwdAccountLockedTime" in found[3]:
                    seconds = int(found[1], 16) + int(found[2], 16) / 1e9
                    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
                    if at >= since:
                        yield Closing(ACCOUNT, at, f"MOD {found[3].strip()}")
                        return
                before = line

    def _login(self, entry: Mapping[str, list[str]]) -> str:
        return one(entry, "uid")

    def _is_active(self, entry: Mapping[str, list[str]]) -> bool:
        return one(entry, "pwdAccountLockedTime") != LOCKED_FOR_GOOD
