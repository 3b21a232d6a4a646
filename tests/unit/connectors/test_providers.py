"""Connectors are found in their folders, declare what they can do, and are held to it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

import officeflow.connectors
from officeflow.catalog.registry import node_type, type_names
from officeflow.connectors import documents
from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import BrokenConnector
from officeflow.connectors.families import Capability, Family, capabilities_of, in_words
from officeflow.connectors.fields import assemble
from officeflow.connectors.opening import open_provider
from officeflow.connectors.providers import provider, providers
from officeflow.connectors.reach import addresses, answers, reached
from officeflow.errors import Conflict, InvalidInput, NotFound
from tests import staff_book

ROOT = Path(__file__).parents[3]
SERVICES = [(name, service) for name, known in providers().items() for service in known.services]


def test_every_connector_is_kept_apart_from_the_others_by_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    kept_apart = next(each["modules"] for each in contracts if each["name"].startswith("Connectors never"))
    folders = (ROOT / "src/officeflow/connectors").glob("*/provider.py")
    assert sorted(kept_apart) == sorted(f"officeflow.connectors.{each.parent.name}" for each in folders)


def test_listing_providers_imports_no_client_and_nothing_heavy() -> None:
    program = (
        "import sys; from officeflow.connectors.providers import providers, about;"
        "found = [about(name) for name in providers()];"
        "print([m for m in sys.modules if m.endswith('.client') and m != 'officeflow.connectors.client'"
        " or m.partition('.')[0] in {'httpx', 'icalendar', 'lxml', 'smtplib', 'airflow'}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_every_client_has_what_its_provider_declares_and_its_name(name: str, service: object) -> None:
    from officeflow.connectors.declaration import Service

    assert isinstance(service, Service)
    assert service.load().provider == name


def test_every_capability_has_a_protocol_of_its_family() -> None:
    for capability in Capability:
        assert capabilities_of(capability.protocol) == {capability}
        assert capability.family in Family
    assert len({capability.protocol for capability in Capability}) == len(Capability)


@pytest.mark.parametrize("name", type_names())
def test_a_node_type_needs_something_of_its_family_and_nothing_else(name: str) -> None:
    node = node_type(name)
    families = {capability.family for capability in node.needs}
    assert families == ({node.spec.family} if node.spec.family else set())


def test_what_a_node_type_needs_is_what_its_provider_is_typed_as() -> None:
    assert node_type("identity.suspend_account").needs == {
        Capability.FIND_ACCOUNTS,
        Capability.SUSPEND_ACCOUNTS,
    }
    assert node_type("identity.find_account").needs == {Capability.FIND_ACCOUNTS}


def test_no_connector_may_import_another_one() -> None:
    """import-linter's contract names every folder that holds a connector."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    wanted = "Connectors never import each other or the database"
    (independent,) = [each["modules"] for each in contracts if each["name"] == wanted]
    here = Path(officeflow.connectors.__path__[0])
    folders = {f"officeflow.connectors.{path.parent.name}" for path in here.glob("*/provider.py")}
    assert set(independent) == folders, "name each connector's folder in the contract of pyproject.toml"


def test_the_reference_is_current() -> None:
    """`officeflow connection docs docs/connections.md` makes it so."""
    assert (ROOT / "docs" / "connections.md").read_text(encoding="utf-8") == documents.page()


# ── a connector of a company's own ──


@pytest.fixture
def connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = staff_book.write(tmp_path)
    with staff_book.admitted(tmp_path, monkeypatch):
        yield folder


@pytest.fixture
def book() -> Iterator[str]:
    """A staff book that lets in who has the key `geheim`."""
    people = [
        {"login": "ana", "number": "1001"},
        {"login": "bob", "number": "1002"},
        {"login": "bob2", "number": "1002"},
    ]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = dict(parse_qsl(urlsplit(self.path).query))
            found = [each for each in people if wanted.items() <= each.items()]
            self.send_response(200 if self.headers["X-Key"] == "geheim" else 401)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.usefixtures("connector")
def test_it_is_a_provider_as_ours_are(book: str) -> None:
    connection = assemble("acme.staff", "staffbook", {"url": book, "key": "geheim"})
    assert reached(connection) == "a staff book of 3"
    assert answers(connection) == "it answers, and asks who we are (401)"
    assert addresses(connection) == book
    with closing(open_provider(connection, correlation_id="c", family=Family.IDENTITY)) as client:
        found = client.find_account(login="ana")
        assert (found.login, found.external_id) == ("ana", "1001")
        assert client.find_account(login="eva") is None
        assert len(client.find_accounts(employee_number="1002")) == 2
        with pytest.raises(Conflict, match=f"{book}: 2 people match"):
            client.find_account(external_id="1002")
        with pytest.raises(NotFound):
            client.get_account("eva")


@pytest.mark.usefixtures("connector")
def test_what_it_lacks_is_refused_before_anything_is_sent() -> None:
    connection = Connection(id="acme.staff", provider="staffbook", host="http://127.0.0.1:1")
    with pytest.raises(InvalidInput) as caught:
        open_provider(
            connection,
            correlation_id="c",
            family=Family.IDENTITY,
            needs=node_type("identity.suspend_account").needs,
            purpose="identity.suspend_account",
        )
    assert caught.value.message == (
        "connection acme.staff (Staff book) cannot suspend accounts, and identity.suspend_account needs that"
    )
    assert caught.value.hint


@pytest.mark.usefixtures("connector")
def test_the_folder_of_connectors_holds_no_node_types() -> None:
    """Asked in a process of its own, where nothing is known yet."""
    program = "from officeflow.catalog.registry import type_names; print(*type_names())"
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "flow.delay" in done.stdout
    assert "staffbook" not in done.stdout


SUITE = """
from officeflow.connectors.declaration import Provider, Service
from officeflow.connectors.families import Capability
PROVIDER = Provider(name="suite", title="Office suite", fields=(), services=(
    Service(client="acme_nodes.connectors.staffbook.client:People",
            capabilities=frozenset({Capability.FIND_ACCOUNTS})),
    Service(client="acme_nodes.connectors.staffbook.client:Post",
            capabilities=frozenset({Capability.SEND_MAIL})),
))
"""
SUITE_CLIENT = """
from officeflow.connectors.client import Client
from officeflow.connectors.families.identity import FindsAccounts
from officeflow.connectors.families.mail import SendsMail, SentMail

class Office(Client):
    provider = "suite"
    def __init__(self, connection, *, correlation_id):
        super().__init__(connection, correlation_id=correlation_id)
        self.address = f"https://{connection.host}"
    def check(self): return type(self).__name__
    def close(self): pass

class People(Office, FindsAccounts):
    def find_account(self, *, login=None, external_id=None): return None
    def find_accounts(self, *, employee_number=None, email=None): return []
    def get_account(self, account_id): raise LookupError(account_id)

class Post(Office, SendsMail):
    def send(self, mail, *, key, leave_out=()): return SentMail(message_id=key, accepted=mail.to)
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = staff_book.write(tmp_path)
    (folder / "provider.py").write_text(SUITE)
    (folder / "client.py").write_text(SUITE_CLIENT)
    with staff_book.admitted(tmp_path, monkeypatch):
        yield folder


@pytest.mark.usefixtures("suite")
def test_one_credential_serves_several_families() -> None:
    connection = Connection(id="acme.suite", provider="suite", host="suite.example")
    assert provider("suite").families == (Family.IDENTITY, Family.MAIL)
    for family, kind in ((Family.IDENTITY, "People"), (Family.MAIL, "Post")):
        opened = open_provider(connection, correlation_id="c", family=family)
        assert type(opened).__name__ == kind
    assert reached(connection) == "People; Post"
    assert addresses(connection) == "https://suite.example"
    with pytest.raises(InvalidInput, match="is of the family identity and mail, and this needs calendar"):
        open_provider(connection, correlation_id="c", family=Family.CALENDAR)


# ── mistakes of an author ──


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name="suite"', 'name="scim"', "declares the provider scim, which officeflow.connectors.scim"),
        ("PROVIDER =", "OTHER =", "must declare one Provider as PROVIDER"),
        ("import Capability", "import Ability", "cannot be imported: ImportError"),
        ("{Capability.SEND_MAIL}", "()", "each of them a capability"),
        ("Capability.SEND_MAIL", "Capability.KEEP_GROUPS", "two services are of one family"),
        (
            "{Capability.SEND_MAIL}",
            "{Capability.SEND_MAIL, Capability.KEEP_EVENTS}",
            "has capabilities of several families",
        ),
    ],
)
def test_a_declaration_that_cannot_be_is_named(suite: Path, old: str, new: str, told: str) -> None:
    (suite / "provider.py").write_text(SUITE.replace(old, new))
    with pytest.raises(BrokenConnector, match=re.escape(told)) as caught:
        providers()
    assert "acme_nodes.connectors.staffbook.provider" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("(Office, SendsMail)", "(Office)", "differ in: send mail"),
        ("(Office, SendsMail)", "(Office, SendsMail, FindsAccounts)", "has no find_account"),
        ("def send(", "def post(", "has no send"),
        ("class Office(Client)", "class Office", "is no officeflow.connectors.client.Client"),
        ("class Post", "class Mail", "cannot be imported: AttributeError"),
        ("import Client", "import Clients", "cannot be imported: ImportError"),
    ],
)
def test_a_client_that_is_not_what_is_declared_is_not_opened(
    suite: Path, old: str, new: str, told: str
) -> None:
    (suite / "client.py").write_text(SUITE_CLIENT.replace(old, new))
    with pytest.raises(BrokenConnector, match=told):
        open_provider(Connection(id="acme.suite", provider="suite"), correlation_id="c", family=Family.MAIL)


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (
        staff_book.admitted(tmp_path, monkeypatch),
        pytest.raises(InvalidInput, match="the package acme_nodes") as caught,
    ):
        providers()
    assert "OFFICEFLOW_NODE_PACKAGES" in caught.value.hint


def test_capabilities_are_told_in_the_order_in_which_they_are_declared() -> None:
    told = in_words({Capability.KEEP_GROUPS, Capability.FIND_ACCOUNTS, Capability.CREATE_ACCOUNTS})
    assert told == "find accounts, create accounts and keep groups"
