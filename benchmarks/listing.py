"""A thousand accounts listed through pages, against the client that a script would use: the vendor's own for
Google (`google-api-python-client`), for LDAP the paged search of `ldap3`.

Theirs gives what stands in the answers, ours `Account`s. Both have their client open already, with its token
or signed in.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.measure import NotFinished, median
from officeflow.connectors.connection import Connection
from officeflow.connectors.fields import told
from officeflow.connectors.opening import open_provider

ACCOUNTS = 1000
PAGE = 500
"""As many as both ask for at a time."""
SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
ATTRIBUTES = [
    *("entryUUID", "uid", "employeeNumber", "givenName", "sn", "displayName", "cn", "mail", "title"),
    *("departmentNumber", "l", "telephoneNumber", "manager", "memberOf", "createTimestamp"),
]
"""What a script asks of each, which is less than ours does."""

List = Callable[[], int]
"""Lists all; how many there are."""


@dataclass(frozen=True, slots=True)
class Took:
    """Medians: seconds that passed, and those of this process on a processor."""

    passed: float
    computed: float


def compared(theirs: List, ours: List, rounds: int) -> tuple[Took, Took]:
    """The two in turns, each once before to warm up."""
    ways = (theirs, ours)
    found: list[list[tuple[float, float]]] = [[], []]
    for number in range(rounds + 1):
        for place, way in enumerate(ways):
            began, before = time.perf_counter(), time.process_time()
            count = way()
            took = time.perf_counter() - began, time.process_time() - before
            if count < ACCOUNTS:
                raise NotFinished(f"{count} accounts were listed, and there are {ACCOUNTS}")
            if number:
                found[place].append(took)
    first, second = (
        Took(median([one for one, _ in each]), median([two for _, two in each])) for each in found
    )
    return first, second


@contextmanager
def ours(connection: Connection) -> Iterator[List]:
    with closing(open_provider(connection, correlation_id="bench", family="identity")) as client:
        yield lambda: len(list(client.list_accounts()))


@contextmanager
def google(connection: Connection, secret: str) -> Iterator[List]:
    """By Google's own client, with httplib2 and google-auth; there are as many people as it takes."""
    from google.oauth2 import service_account
    from googleapiclient.discovery import build

    answer = httpx.post(
        f"{connection.host}/__control/crowd",
        json={"count": ACCOUNTS},
        headers={"Authorization": f"Bearer {secret}"},
        timeout=120,
    )
    answer.raise_for_status()
    key: Mapping[str, Any] = json.loads(connection.password or "")
    account = {**key, "token_uri": f"{connection.host}/token"}
    credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        account, scopes=[SCOPE], subject=connection.login
    )
    with build(
        "admin",
        "directory_v1",
        credentials=credentials,
        client_options={"api_endpoint": connection.host},
        cache_discovery=False,
    ) as service:
        yield lambda: len(_all_of(service))


def _all_of(service: Any) -> list[Any]:
    users = service.users()
    asked = users.list(customer="my_customer", maxResults=PAGE, projection="full")
    found: list[Any] = []
    while asked is not None:
        answer = asked.execute()
        found += answer.get("users", [])
        asked = users.list_next(asked, answer)
    return found


@contextmanager
def ldap(connection: Connection) -> Iterator[List]:
    """By `ldap3`; people are added by it too."""
    import ldap3

    base = told(connection)["base"]
    people = f"ou=People,{base}"
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(connection.extra["ca_file"]))
    server = ldap3.Server(connection.host or "", connection.port, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    with ldap3.Connection(server, connection.login, connection.password, raise_exceptions=True) as line:
        for number in range(ACCOUNTS):
            login = f"person-{number:05d}"
            fields = {"cn": f"Person {number}", "sn": "Person", "mail": f"{login}@acme.example"}
            line.add(f"uid={login},{people}", "inetOrgPerson", {**fields, "employeeNumber": f"9{number}"})
        yield lambda: len(
            list(
                line.extend.standard.paged_search(
                    base,
                    "(objectClass=inetOrgPerson)",
                    attributes=ATTRIBUTES,
                    paged_size=PAGE,
                    generator=True,
                )
            )
        )
