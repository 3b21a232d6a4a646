"""A directory's refusals as ours: by LDAP's result code (RFC 4511 section 4.1.9), and by the Win32 code that
Active Directory puts in front of what it tells ([MS-ADTS] section 3.1.1.3.1.9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from officeflow.connectors.call import Call
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Transient, Unauthorized

SUCCESS, OPERATIONS_ERROR, NO_SUCH_OBJECT, ALREADY_EXISTS = 0, 1, 32, 68
NO_SUCH_ATTRIBUTE, UNDEFINED_ATTRIBUTE, VALUE_EXISTS, OBJECT_CLASS_VIOLATION = 16, 17, 20, 65
CONSTRAINT, INVALID_CREDENTIALS, INSUFFICIENT_RIGHTS = 19, 49, 50
PASSWORD_RESTRICTION = 0x52D
NOT_BOUND = 0x4DC
POLICY_HINT = (
    "its policy wants another password: longer, of more kinds of signs, without the person's name, or none"
    " that was used before"
)

_BY_RESULT: Mapping[int, type[ConnectorError]] = MappingProxyType(
    {
        3: Transient,  # timeLimitExceeded
        5: Rejected,
        NO_SUCH_ATTRIBUTE: Conflict,
        VALUE_EXISTS: Conflict,
        NO_SUCH_OBJECT: NotFound,
        48: Unauthorized,  # inappropriateAuthentication
        INVALID_CREDENTIALS: Unauthorized,
        INSUFFICIENT_RIGHTS: Unauthorized,
        51: Transient,  # busy
        52: Transient,  # unavailable
        ALREADY_EXISTS: Conflict,
        80: Transient,  # other
    }
)
"""Rejected where it is not named."""
_MAYBE_DONE = frozenset({3, 52, 80})
"""After these nothing is proved about a write: a proxy in front of the directory gives them too."""
_BY_WIN32: Mapping[int, type[ConnectorError]] = MappingProxyType(
    {
        0x5: Unauthorized,  # ERROR_ACCESS_DENIED
        NOT_BOUND: Unauthorized,  # ERROR_NOT_AUTHENTICATED
        0x524: Conflict,  # ERROR_USER_EXISTS
        PASSWORD_RESTRICTION: Rejected,
        0x2071: Conflict,  # ERROR_DS_OBJ_STRING_NAME_EXISTS
        0x2098: Unauthorized,  # ERROR_DS_INSUFF_ACCESS_RIGHTS
        0x200E: Transient,  # ERROR_DS_BUSY
        0x200F: Transient,  # ERROR_DS_UNAVAILABLE
        0x20AC: Transient,  # ERROR_DS_SHUTTING_DOWN
        0x21A2: Conflict,  # ERROR_DS_OBJECT_BEING_REMOVED
        0x21C7: Conflict,  # ERROR_DS_UPN_VALUE_NOT_UNIQUE_IN_FOREST
    }
)
_BIND: Mapping[int, str] = MappingProxyType(
    {
        0x525: "there is no such user",
        0x52E: "the user or the password is wrong",
        0x530: "the user may not sign in at this time",
        0x531: "the user may not sign in from here",
        0x532: "the password has expired",
        0x533: "the user is disabled",
        0x701: "the user has expired",
        0x773: "the password must be changed first",
        0x775: "the user is locked",
    }
)
"""`data` of a bind that Active Directory refuses."""
_HINTS: Mapping[int, str] = MappingProxyType(
    {
        4: "the directory gives no more entries at once than its size limit",
        8: "the directory wants TLS: set the connection's security",
        10: "the directory refers to another one, and referrals are not followed: connect to that one",
        13: "the directory wants TLS: set the connection's security",
        INSUFFICIENT_RIGHTS: "give the connection's login the right to this, where it acts",
        66: "there are entries below it, which are not deleted with it",
    }
)
_LEADING = re.compile(r"([0-9A-Fa-f]{8}): ")
_DATA = re.compile(r", data ([0-9A-Fa-f]{1,8}),")


def win32_of(told: str) -> int | None:
    """The Win32 code that a diagnostic message begins with."""
    found = _LEADING.match(told)
    return int(found[1], 16) if found else None


def refusal(result: Mapping[str, object], call: Call, about: str = "") -> ConnectorError:
    """For a result that is no success. `about` is the entry that was asked about.

    What the directory tells beside its codes is left out: it may quote what it refuses, such as a password.
    """
    status = result.get("result")
    code = status if isinstance(status, int) else 80
    told = str(result.get("message") or "")
    win32 = win32_of(told)
    kind = _BY_WIN32.get(win32 or -1) or _BY_RESULT.get(code, Rejected)
    name = result.get("description") or "an unknown result"
    number = f" (Win32 {win32:08X})" if win32 is not None else ""
    where = f" about {about}" if about else ""
    return call.error(
        kind,
        f"{call.provider} answered {code} {name}{number} to {call.operation}{where}",
        status=code,
        maybe_done=call.writes and code in _MAYBE_DONE,
        hint=POLICY_HINT if win32 == PASSWORD_RESTRICTION else _HINTS.get(code, ""),
    )


def not_let_in(result: Mapping[str, object], call: Call) -> ConnectorError:
    """For a bind that was refused: Active Directory says why in `data`."""
    error = refusal(result, call, "who we are")
    error.maybe_done = False
    data = _DATA.search(str(result.get("message") or ""))
    error.hint = (_BIND.get(int(data[1], 16)) if data else None) or error.hint
    error.hint = error.hint or "check the connection's login and password"
    return error
