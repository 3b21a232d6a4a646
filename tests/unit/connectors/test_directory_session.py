"""A search goes to its end, whatever the directory gives on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.session import EMPTY_PAGES, PAGED, Session
from officeflow.errors import InvalidInput, Rejected, Transient

CALL = Call(provider="ldap", operation="list_accounts")
MORE = b"more"


class Scripted(Session):
    """A directory that gives these pages: entries by DN, and the cookie that each has."""

    def __init__(self, *pages: tuple[Sequence[str], bytes], code: int = 0) -> None:
        super().__init__(Connection(id="own", provider="ldap", host="127.0.0.1"))
        self.pages, self.code = list(pages), code
        self.cookies: list[bytes | None] = []

    def _searched(self, call: Call, base: str, where: str, scope: Any, **options: Any) -> Any:
        self.cookies.append(options["paged_cookie"])
        dns, cookie = self.pages[min(len(self.cookies), len(self.pages)) - 1]
        controls = {PAGED: {"value": {"size": 0, "cookie": cookie}}}
        return {"result": self.code, "controls": controls}, [Entry(dn, {}) for dn in dns]

    def all(self) -> list[str]:
        return [entry.dn for entry in self.search("dc=x", "(cn=*)", CALL, attributes=["cn"])]


def test_a_page_that_is_empty_is_not_the_end() -> None:
    session = Scripted((["a"], b"1"), ([], b"2"), (["b"], b""))
    assert session.all() == ["a", "b"]
    assert session.cookies == [None, b"1", b"2"]


def test_a_directory_that_does_not_page_has_one_page() -> None:
    assert Scripted((["a", "b"], b"")).all() == ["a", "b"]


def test_an_entry_that_comes_again_is_given_once() -> None:
    assert Scripted((["a", "A"], MORE), (["a", "b"], MORE), (["c"], b"")).all() == ["a", "b", "c"]


def test_a_page_that_comes_again_ends_the_list() -> None:
    """Some directories give one cookie for all pages: the entries decide."""
    with pytest.raises(Rejected, match="given before"):
        Scripted((["a", "b"], MORE)).all()


def test_pages_without_end_are_refused() -> None:
    session = Scripted(([], MORE))
    with pytest.raises(Rejected, match="empty page"):
        session.all()
    assert len(session.cookies) == EMPTY_PAGES + 1


@pytest.mark.parametrize(("code", "kind"), [(4, Rejected), (3, Transient), (10, Rejected), (12, Rejected)])
def test_what_is_no_success_is_no_empty_list(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Scripted(([], b""), code=code).all()


@pytest.mark.parametrize("changes", [{"login": "x"}, {"password": "x"}])
def test_a_login_without_a_password_would_be_nobodys(changes: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="login without a password"):
        Session(Connection(id="own", provider="ldap", host="127.0.0.1", **changes))  # type: ignore[arg-type]
