"""The anatomy of a client, here of one that speaks no HTTP and whose library has errors of its own."""

from __future__ import annotations

import pytest

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection
from officeflow.errors import (
    Conflict,
    ConnectorError,
    InvalidInput,
    NotFound,
    Rejected,
    Transient,
    Unauthorized,
)


class DirectoryError(Exception):
    """What a library of a protocol raises, with the protocol's own code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"result {code}")
        self.code = code


class LdapLike(Client):
    provider = "ldap-like"
    by_code = {32: NotFound, 49: Unauthorized, 52: Transient, 68: Conflict}  # noqa: RUF012 - RFC 4511

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        self.address = f"ldaps://{connection.login}:{connection.password}@{connection.host}"

    def translated(self, error: Exception, call: Call) -> ConnectorError | None:
        if not isinstance(error, DirectoryError):
            return None
        return call.error(self.by_code.get(error.code, Rejected), str(error), status=error.code)

    def check(self) -> str:
        return self.whoami()

    def close(self) -> None: ...

    def whoami(self) -> str:
        raise self.failure

    failure: Exception = DirectoryError(49)


@pytest.fixture
def client() -> LdapLike:
    connection = Connection(
        id="acme.directory",
        provider="ldap-like",
        host="dc.acme.example",
        login="reader",
        password="geheim",
    )
    return LdapLike(connection, correlation_id="c-1")


def raised(client: LdapLike, failure: Exception) -> Exception:
    client.failure = failure
    with pytest.raises(
        type(failure) if not isinstance(failure, DirectoryError) else ConnectorError
    ) as caught:
        client.check()
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind"), [(32, NotFound), (49, Unauthorized), (52, Transient), (68, Conflict), (1, Rejected)]
)
def test_what_a_library_raises_is_translated_once_and_says_where_it_was_asked(
    client: LdapLike, code: int, kind: type[ConnectorError]
) -> None:
    error = raised(client, DirectoryError(code))
    assert type(error) is kind
    assert isinstance(error, ConnectorError)
    assert error.message == f"ldaps://dc.acme.example: result {code}"
    assert (error.provider, error.operation, error.status) == ("ldap-like", "whoami", code)
    assert isinstance(error.__cause__, DirectoryError)


def test_an_error_of_the_connectors_own_gets_provider_operation_and_address(client: LdapLike) -> None:
    error = raised(client, Rejected("it is a printer"))
    assert isinstance(error, ConnectorError)
    assert str(error) == error.message == "ldaps://dc.acme.example: it is a printer"
    assert (error.provider, error.operation) == ("ldap-like", "whoami")


def test_an_error_about_another_address_keeps_it(client: LdapLike) -> None:
    call = Call(provider="ldap-like", operation="POST https://login.example/token")
    error = raised(client, call.error(Transient, f"ldap-like did not answer {call.operation}"))
    assert str(error) == "ldap-like did not answer POST https://login.example/token"


@pytest.mark.parametrize("failure", [ValueError("a mistake of ours"), InvalidInput("a field is missing")])
def test_what_is_no_word_of_the_systems_comes_out_as_it_is(client: LdapLike, failure: Exception) -> None:
    assert raised(client, failure) is failure


class Shared:
    """Methods that several clients share, and no client itself."""

    def count(self) -> int:
        raise DirectoryError(52)


class Counting(Shared, LdapLike): ...


def test_methods_that_a_client_inherits_from_elsewhere_are_its_own() -> None:
    client = Counting(Connection(id="a.b", provider="ldap-like", host="dc.example"), correlation_id="c")
    with pytest.raises(Transient, match=r"dc\.example: result 52"):
        client.count()


def test_the_name_of_its_limits_is_the_connections(client: LdapLike) -> None:
    assert client.connection_id == "acme.directory"


def test_only_trouble_of_the_system_itself_counts_against_it() -> None:
    """A refusal, however it is worded, shows that it works."""
    counted = {kind.__name__ for kind in ConnectorError.__subclasses__() if kind.system_in_trouble}
    assert counted == {"Transient"}


def test_what_fails_after_a_yes_may_be_done_and_is_not_done_again() -> None:
    with pytest.raises(NotFound) as caught, after_write():
        raise NotFound("it is not there when read back")
    assert caught.value.maybe_done
    assert caught.value.taken


def test_a_write_that_is_answered_in_another_language_may_be_done() -> None:
    write = Call(provider="scim", operation="create_account", writes=True)
    assert write.not_in("SCIM", "the body is not JSON", Rejected).maybe_done
    assert not write.reading().not_in("SCIM", "the body is not JSON", Rejected).maybe_done
