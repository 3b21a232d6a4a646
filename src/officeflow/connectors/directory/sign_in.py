"""How directories write that somebody may sign in, is locked, ends, and must choose another password."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from officeflow.connectors.directory.changes import Changes, put
from officeflow.connectors.directory.entries import (
    Entry,
    from_filetime,
    from_generalized,
    to_filetime,
    to_generalized,
)

DISABLED, NORMAL_ACCOUNT, LOCKED_OUT = 0x2, 0x200, 0x10
"""Bits of userAccountControl, and of the computed one ([MS-ADTS] section 2.2.16)."""
FOR_GOOD = "000001010000Z"
"""pwdAccountLockedTime of an account that only an administrator unlocks (draft-behera-ldap-password-policy-10
section 5.3.3).
"""
NOT_YET = "29991231235959Z"
"""pwdStartTime (the same draft, section 5.3.10) of an account whose password is being set while it is
suspended. OpenLDAP takes the year 9999 for no time at all.
"""


class SignIn(Protocol):
    """`attributes` are what has to be read for it. Changes are None where there is no way to write it."""

    attributes: tuple[str, ...]

    def active(self, entry: Entry) -> bool: ...

    def locked(self, entry: Entry) -> bool | None: ...

    def expires_at(self, entry: Entry) -> dt.datetime | None: ...

    def set_active(self, entry: Entry, *, active: bool) -> Changes: ...

    def unlock(self) -> Changes | None: ...

    def expire(self, moment: dt.datetime | None) -> Changes | None: ...

    def must_change(self, *, must: bool) -> Changes | None:
        """After a password was set. An empty change is that there is nothing to do."""
        ...

    def has_to_change(self, entry: Entry) -> bool: ...

    def kept_shut(self, entry: Entry) -> tuple[Changes, Changes] | None:
        """Around the setting of a suspended account's password, where that would let it in: what keeps it out
        meanwhile, and what leaves it suspended and otherwise as it was. None where it stays out anyway.
        """
        ...


class AccountControl:
    """Active Directory's. A change of userAccountControl keeps its other bits."""

    computed = "msDS-User-Account-Control-Computed"
    attributes: tuple[str, ...] = (
        "userAccountControl",
        computed,
        "lockoutTime",
        "accountExpires",
        "pwdLastSet",
    )

    def active(self, entry: Entry) -> bool:
        return not (entry.number("userAccountControl") or 0) & DISABLED

    def locked(self, entry: Entry) -> bool | None:
        """The computed bits know when a lock has passed; lockoutTime stays."""
        bits = entry.number(self.computed)
        return bool(entry.number("lockoutTime")) if bits is None else bool(bits & LOCKED_OUT)

    def expires_at(self, entry: Entry) -> dt.datetime | None:
        return from_filetime(entry.number("accountExpires"))

    def set_active(self, entry: Entry, *, active: bool) -> Changes:
        old = entry.number("userAccountControl") or 0
        new = old & ~DISABLED if active else old | DISABLED
        return {"userAccountControl": put(str(new))}

    def unlock(self) -> Changes | None:
        return {"lockoutTime": put("0")}

    def expire(self, moment: dt.datetime | None) -> Changes | None:
        return {"accountExpires": put(str(to_filetime(moment)) if moment else "0")}

    def must_change(self, *, must: bool) -> Changes | None:
        return {"pwdLastSet": put("0")} if must else {}

    def has_to_change(self, entry: Entry) -> bool:
        return entry.number("pwdLastSet") == 0

    def kept_shut(self, entry: Entry) -> tuple[Changes, Changes] | None:
        del entry
        return None


class PasswordPolicy:
    """A directory with the overlay ppolicy, or what else keeps draft-behera-ldap-password-policy: suspended
    is locked for good, or about to be that again.
    """

    attributes: tuple[str, ...] = ("pwdAccountLockedTime", "pwdStartTime", "pwdEndTime", "pwdReset")

    def active(self, entry: Entry) -> bool:
        return entry.text("pwdAccountLockedTime") != FOR_GOOD and entry.text("pwdStartTime") != NOT_YET

    def locked(self, entry: Entry) -> bool | None:
        return entry.text("pwdAccountLockedTime") not in {None, FOR_GOOD}

    def expires_at(self, entry: Entry) -> dt.datetime | None:
        return from_generalized(entry.text("pwdEndTime"))

    def set_active(self, entry: Entry, *, active: bool) -> Changes:
        begun: Changes = {"pwdStartTime": put(None)} if entry.text("pwdStartTime") == NOT_YET else {}
        return {"pwdAccountLockedTime": put(None if active else FOR_GOOD), **begun}

    def unlock(self) -> Changes | None:
        return {"pwdAccountLockedTime": put(None)}

    def expire(self, moment: dt.datetime | None) -> Changes | None:
        return {"pwdEndTime": put(to_generalized(moment) if moment else None)}

    def must_change(self, *, must: bool) -> Changes | None:
        return {"pwdReset": put("TRUE" if must else None)}

    def has_to_change(self, entry: Entry) -> bool:
        return (entry.text("pwdReset") or "").upper() == "TRUE"

    def kept_shut(self, entry: Entry) -> tuple[Changes, Changes] | None:
        """A new password unlocks."""
        begins = entry.text("pwdStartTime")
        after: Changes = {
            "pwdAccountLockedTime": put(FOR_GOOD),
            "pwdStartTime": put(None if begins == NOT_YET else begins),
        }
        return {"pwdStartTime": put(NOT_YET)}, after


class AccountLock(PasswordPolicy):
    """389 Directory Server and FreeIPA: `nsAccountLock` suspends; their password policy keeps its own locks
    in `accountUnlockTime`, and has no moment at which an account ends.
    """

    attributes: tuple[str, ...] = ("nsAccountLock", "accountUnlockTime", "passwordExpirationTime")

    def active(self, entry: Entry) -> bool:
        return (entry.text("nsAccountLock") or "").upper() != "TRUE"

    def locked(self, entry: Entry) -> bool | None:
        return entry.text("accountUnlockTime") is not None

    def expires_at(self, entry: Entry) -> dt.datetime | None:
        del entry
        return None

    def set_active(self, entry: Entry, *, active: bool) -> Changes:
        del entry
        return {"nsAccountLock": put(None if active else "TRUE")}

    def unlock(self) -> Changes | None:
        return {"accountUnlockTime": put(None), "passwordRetryCount": put("0")}

    def expire(self, moment: dt.datetime | None) -> Changes | None:
        del moment
        return None

    def must_change(self, *, must: bool) -> Changes | None:
        """A password that somebody else has set must be changed where the policy says so."""
        return None if must else {}

    def has_to_change(self, entry: Entry) -> bool:
        del entry
        return False

    def kept_shut(self, entry: Entry) -> tuple[Changes, Changes] | None:
        del entry
        return None
