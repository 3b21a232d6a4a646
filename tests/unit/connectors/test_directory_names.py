"""Filters, names and moments of directories."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import put
from officeflow.connectors.directory.entries import (
    Entry,
    from_filetime,
    from_generalized,
    sid,
    to_filetime,
    to_generalized,
)
from officeflow.connectors.directory.sign_in import AccountControl, AccountLock, PasswordPolicy

BASE = "dc=acme,dc=example"
MOMENT = dt.datetime(2026, 3, 31, 22, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("value", ["*)(uid=*", " a ", "\\2a", "\0", "é🎉", "x" * 300, "(", "\ud800"])
def test_a_filter_has_each_byte_of_a_value_escaped(value: str) -> None:
    inner = names.equal("uid", value).removeprefix("(uid=").removesuffix(")")
    data = value.encode(errors="surrogatepass")
    assert inner == "".join(f"\\{byte:02x}" for byte in data)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=A\\, B,DC=x", "cn=a\\2C b,dc=X"),
        ("ou=a, dc=x", "OU=A,DC=X"),
        ("cn=\\C3\\A9,dc=x", "CN=é,dc=x"),
        ("cn=a+uid=b,dc=x", "CN=A+UID=B,dc=x"),
    ],
)
def test_one_name_may_be_written_in_several_ways(one: str, other: str) -> None:
    assert names.same(one, other)
    assert names.is_below(f"ou=in,{one}", other)


@pytest.mark.parametrize(
    "dn", ["ou=x,dc=other", "dc=example", "ou=x\\,dc=acme\\,dc=example", "nothing", "", "xdc=acme,dc=example"]
)
def test_what_is_not_below_the_base_is_told(dn: str) -> None:
    assert not names.is_below(dn, BASE)


def test_a_name_is_split_at_the_comma_that_ends_its_first_part() -> None:
    assert names.split("CN=a\\, b\\\\,OU=c,DC=d") == ("CN=a\\, b\\\\", "OU=c,DC=d")
    assert names.split("CN=a\\2Cb,OU=c") == ("CN=a\\2Cb", "OU=c")


def test_a_common_name_is_printable_and_not_too_long() -> None:
    assert names.common_name(" Ada\n\u202e  Byron\0 ") == "Ada Byron"
    assert len(names.common_name("é" * 300)) == 64
    assert not names.can_be_name(" a")
    assert not names.can_be_name("a\u202eb")
    assert not names.can_be_name("")


def test_moments_are_read_as_they_are_written() -> None:
    assert from_filetime(to_filetime(MOMENT)) == MOMENT
    assert from_generalized(to_generalized(MOMENT)) == MOMENT
    assert from_generalized("20260331220005.0Z") == MOMENT
    assert from_generalized("202603312200Z") == MOMENT.replace(second=0)
    assert from_generalized("2026033122Z") == MOMENT.replace(minute=0, second=0)
    assert [from_generalized(text) for text in ("2026-W01220005Z", "000001010000Z", "20260331220x05Z")] == [
        None
    ] * 3
    assert [from_filetime(value) for value in (None, 0, 2**63 - 1, 2**62)] == [None] * 4
    assert [from_generalized(text) for text in (None, "", "soon", "20260331220005", "20269931220005Z")] == [
        None
    ] * 5


def test_a_security_identifier_is_written_as_people_do() -> None:
    raw = (
        bytes([1, 5]) + (5).to_bytes(6, "big") + b"".join(n.to_bytes(4, "little") for n in (21, 1, 2, 3, 513))
    )
    assert sid(raw) == "S-1-5-21-1-2-3-513"


def test_what_is_no_text_does_not_make_an_entry_unreadable() -> None:
    entry = Entry.of(
        "cn=a", {"Title;lang-en": [b"\xff\xfe", b"Analyst"], "pwdLastSet": [b"soon"], "mail": []}
    )
    assert (entry.text("title"), entry.number("pwdLastSet"), entry.text("mail")) == ("Analyst", None, None)


def test_the_tables_ways_to_suspend_differ() -> None:
    control = Entry("", {"useraccountcontrol": (b"66048",)})
    assert AccountControl().set_active(control, active=False) == {"userAccountControl": put("66050")}
    assert PasswordPolicy().set_active(control, active=False) == {
        "pwdAccountLockedTime": put("000001010000Z")
    }
    assert AccountLock().set_active(control, active=False) == {"nsAccountLock": put("TRUE")}
    assert AccountLock().set_active(control, active=True) == {"nsAccountLock": put(None)}
    assert not AccountLock().active(Entry("", {"nsaccountlock": (b"true",)}))


def test_whoever_was_locked_long_ago_is_not_locked() -> None:
    """lockoutTime stays until the next sign-in; the computed bits know."""
    entry = {"lockouttime": (b"133000000000000000",)}
    computed = {"msds-user-account-control-computed": (b"0",)}
    assert AccountControl().locked(Entry("", entry))
    assert not AccountControl().locked(Entry("", entry | computed))
