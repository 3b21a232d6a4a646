"""Counterparts are found by what their folders declare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from officeflow.connectors.providers import provider
from officeflow.errors import InvalidInput
from officeflow.layout import Layout
from officeflow.stack import counterparts, ports
from officeflow.stack.counterparts import Counterpart, discover
from officeflow.stack.servers import counterparts as services
from officeflow.stack.stack import Stack
from tests.counterparts.fixtures import kinds

DECLARED = """
secret = "letters"
login = "people"
url = "http://127.0.0.1:{http}/{login}"
page = "Letters"
arguments = ["--port", "{http}", "--user", "{login}"]

[ports.http]
name = "letters"
default = 12345

[[connections]]
name = "letters"
provider = "http"
fields.url = "{url}"
fields.password = "{secret}"
fields.ca_file = "{folder}/ca.pem"
"""


def declared(folder: Path, text: str = DECLARED) -> Mapping[str, Counterpart]:
    (folder / "letters").mkdir()
    (folder / "letters" / "counterpart.toml").write_text(text)
    return discover(folder)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    found = declared(tmp_path)
    monkeypatch.setattr(counterparts, "discover", lambda: found)
    monkeypatch.setattr(services, "discover", lambda: found)
    layout = Layout(home=tmp_path / "home", servers=tmp_path / "servers")
    layout.prepare()
    return Stack(layout, ports.defaults())


def test_a_folder_with_a_declaration_is_a_service_with_a_port_a_page_and_its_secret(stack: Stack) -> None:
    (service,) = services.counterpart_services(stack)
    assert (service.name, service.ports) == ("letters", {"http": 12345})
    assert service.urls == {"Letters": "http://127.0.0.1:12345/people"}
    assert service.command[1:] == (
        "-m",
        "counterparts.letters",
        "--folder",
        str(stack.layout.data / "letters"),
        "--port",
        "12345",
        "--user",
        "people",
    )
    assert service.environment["COUNTERPART_SECRET"] == stack.secrets["letters"]


def test_its_connection_has_its_address_its_secret_and_its_files(stack: Stack) -> None:
    (found,) = services.connections(stack)
    assert (found.name, found.provider) == ("letters", "http")
    assert found.fields == {
        "url": "http://127.0.0.1:12345/people",
        "password": stack.secrets["letters"],
        "ca_file": str(stack.layout.data / "letters" / "ca.pem"),
    }


def test_what_the_system_writes_into_its_folder_is_a_field_of_its_connection(tmp_path: Path) -> None:
    known = declared(tmp_path, f'{DECLARED}files.key = "key.json"')["letters"]
    (tmp_path / "key.json").write_text("the key")
    (found,) = known.connected({"url": "http://127.0.0.1:1", "secret": "s3cret"}, tmp_path)
    assert found.fields == {
        "url": "http://127.0.0.1:1",
        "password": "s3cret",
        "ca_file": str(tmp_path / "ca.pem"),
        "key": "the key",
    }


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"{login}"]', '"{secret}"]', r"'\{secret\}' names secret; it may name http, login"),
        ("{http}/{login}", "{htpp}", r"names htpp"),
        (
            '"{url}"',
            '"{address}"',
            r"'\{address\}' names address; it may name folder, http, login, secret, url",
        ),
        ("12345", "80", "greater than or equal to 1024"),
        ("login =", "logon =", "logon"),
        ("[ports.http]", "[ports.http", "line"),
    ],
)
def test_a_declaration_that_is_wrong_is_named_with_the_reason(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        declared(tmp_path, DECLARED.replace(before, after, 1))
    assert str(tmp_path / "letters" / "counterpart.toml") in str(raised.value)


def test_no_two_have_a_port_or_a_connection_of_the_same_name_and_each_field_is_its_providers() -> None:
    found = discover().values()
    declared_ports = [port for each in found for port in each.ports.values()]
    names = [*ports.SERVERS, *(port.name for port in declared_ports)]
    numbers = [*ports.SERVERS.values(), *(port.default for port in declared_ports)]
    assert (len(set(names)), len(set(numbers))) == (len(names), len(numbers))
    connections = [connection for each in found for connection in each.connections]
    assert len({connection.name for connection in connections}) == len(connections)
    for connection in connections:
        known = {field.name for field in provider(connection.provider).fields}
        assert set(connection.fields) | set(connection.files) <= known


def test_tests_have_a_fixture_for_each() -> None:
    assert set(discover()) <= {kind.module for kind in kinds().values()}
