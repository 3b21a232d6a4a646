"""A directory's refusals are known by their codes, and what it says beside them is not repeated."""

from __future__ import annotations

import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.directory.errors import not_let_in, refusal, win32_of
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Transient, Unauthorized

WRITE = Call(provider="active_directory", operation="create_account", writes=True)


@pytest.mark.parametrize(
    ("code", "told", "kind", "maybe"),
    [
        (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", Rejected, False),
        (68, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0", Conflict, False),
        (19, "000021C7: AtrErr: DSID-03200F00, #1", Conflict, False),
        (1, "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this", Unauthorized, False),
        (50, "00000005: SecErr: DSID-03152E29, problem 4003", Unauthorized, False),
        (32, "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT)", NotFound, False),
        (51, "0000200E: SvcErr: DSID-02", Transient, False),
        (52, "", Transient, True),
        (80, "0000", Transient, True),
        (64, "no code: here", Rejected, False),
    ],
)
def test_codes_decide(code: int, told: str, kind: type[ConnectorError], maybe: bool) -> None:
    error = refusal({"result": code, "description": "d", "message": told}, WRITE, "CN=Ada")
    assert (type(error), error.status, error.maybe_done) == (kind, code, maybe)
    assert "CN=Ada" in error.message
    assert not any(part in error.message for part in ("DSID", "comment", "no code"))


def test_a_policys_word_is_explained() -> None:
    error = refusal({"result": 53, "description": "d", "message": "0000052D: it was 'hunter2'"}, WRITE)
    assert "policy" in error.hint
    assert "0000052D" in error.message
    assert "hunter2" not in f"{error}"


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("525", "no such user"),
        ("52e", "wrong"),
        ("533", "disabled"),
        ("773", "changed first"),
        ("775", "locked"),
    ],
)
def test_why_nobody_is_let_in_stands_in_its_data(data: str, hint: str) -> None:
    told = f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v3839"
    error = not_let_in({"result": 49, "description": "invalidCredentials", "message": told}, WRITE)
    assert (type(error), error.maybe_done) == (Unauthorized, False)
    assert hint in error.hint


def test_a_plain_directory_does_not_say_why() -> None:
    error = not_let_in({"result": 49, "description": "invalidCredentials", "message": ""}, WRITE)
    assert error.hint == "check the connection's login and password"
    assert win32_of("") is None
