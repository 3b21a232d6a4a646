"""Directories that speak LDAP: slapd, and Samba's domain controller."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from officeflow.connectors.connection import Connection
from tests.counterparts.directory import BASE, LEAVERS, PEOPLE, group
from tests.systems.system import Seen, System, There

PASSWORD = "Long-enough-for-anybody-1"
BETWEEN_PARTS = re.compile(r"(?<!\\),")
"""Of a DN."""
LOCKED_FOR_GOOD = "000001010000Z"
DISABLED = 2
Entry = Mapping[str, list[Any]]


class Directory(System):
    unit = LEAVERS.lower()
    small: ClassVar[Mapping[str, Any]] = {"officeflow.connectors.directory.session.PAGE_SIZE": 1}

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self._opened = ExitStack()
        self._client = self._opened.enter_context(server.client())

    def tidy(self) -> None:
        self._opened.close()

    def connection(self) -> Connection:
        return Connection(
            id=f"acme.{self.provider}",
            provider=self.provider,
            host=self.server.host,
            port=self.server.tls_port,
            schema=BASE,
            login=self.server.service_account,
            password=self.server.secret,
            extra={"ca_file": str(self.server.authority), "unit": "People"},
        )

    def add(self, name: str, number: str, *, title: str = "") -> str:
        dn, classes, attributes = self._entry(name, number)
        attributes |= {"givenName": name.title(), "sn": "Pérez", "mail": f"{name}@acme.example"}
        self._client.add(dn, classes, attributes | ({"title": title} if title else {}))
        entries = self.server.people(self._client)
        return self._id(next(entry for name, entry in entries.items() if name.lower() == dn.lower()))

    def there(self) -> There:
        entries = self.server.people(self._client)
        logins = {dn.lower(): self._login(entry) for dn, entry in entries.items()}
        people = {
            self._login(entry): self._seen(
                entry,
                given_name=_one(entry, "givenName"),
                family_name=_one(entry, "sn"),
                title=_one(entry, "title"),
                unit=BETWEEN_PARTS.split(dn, maxsplit=1)[1].lower(),
                manager=logins.get(_one(entry, "manager").lower(), ""),
                groups=frozenset(each.split(",")[0][3:] for each in entry.get("memberOf", ())),
            )
            for dn, entry in entries.items()
        }
        return There(people=people)

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        name = self.groups[0]
        members = [self._one_of_a_crowd(number) for number in range(count)]
        self._client.modify(group(name), {"member": [("MODIFY_ADD", members)]})
        return name, lambda: len(self.server.members(name))

    def lets_in(self, login: str, secret: str) -> bool:
        return bool(self.server.accepts(self._signs_in_as(login), secret))

    def lock(self, login: str) -> None:
        assert not any(self.lets_in(login, "wrong") for _ in range(4))

    @abstractmethod
    def _entry(self, name: str, number: str) -> tuple[str, list[str], dict[str, Any]]:
        """DN, classes and attributes of a new one."""

    def _one_of_a_crowd(self, number: int) -> str:
        """A DN that may stand in a group."""
        return f"uid=m{number},{PEOPLE}"

    @abstractmethod
    def _id(self, entry: Entry) -> str: ...

    @abstractmethod
    def _login(self, entry: Entry) -> str: ...

    @abstractmethod
    def _signs_in_as(self, login: str) -> str: ...

    @abstractmethod
    def _seen(self, entry: Entry, **fields: Any) -> Seen: ...


class Ldap(Directory):
    needs_family_name = True
    provider = "ldap"
    fixture = "ldap_server"

    @classmethod
    def login(cls, name: str) -> str:
        return name

    def _entry(self, name: str, number: str) -> tuple[str, list[str], dict[str, Any]]:
        attributes = {"uid": name, "cn": name.title(), "employeeNumber": number, "userPassword": PASSWORD}
        return f"uid={name},{PEOPLE}", ["inetOrgPerson"], attributes

    def _id(self, entry: Entry) -> str:
        return _one(entry, "entryUUID")

    def _login(self, entry: Entry) -> str:
        return _one(entry, "uid")

    def _signs_in_as(self, login: str) -> str:
        return f"uid={login},{PEOPLE}"

    def _seen(self, entry: Entry, **fields: Any) -> Seen:
        locked, ends = _one(entry, "pwdAccountLockedTime"), _one(entry, "pwdEndTime")
        return Seen(
            active=locked != LOCKED_FOR_GOOD,
            locked=locked not in {"", LOCKED_FOR_GOOD},
            number=_one(entry, "employeeNumber"),
            expires_at=f"{ends[:4]}-{ends[4:6]}-{ends[6:8]}" if ends else "",
            **fields,
        )


class ActiveDirectory(Directory):
    some = 200
    provider = "active_directory"
    fixture = "domain_controller"
    left_out: ClassVar[Mapping[str, str]] = {
        "restore_account": (
            "Samba finds who is in its recycle bin and takes nobody out; the connector's own tests bring"
            " accounts back from tombstones"
        ),
    }

    def _entry(self, name: str, number: str) -> tuple[str, list[str], dict[str, Any]]:
        attributes = {
            "sAMAccountName": name,
            "userPrincipalName": self.login(name),
            "displayName": name.title(),
            "employeeID": number,
            "unicodePwd": f'"{PASSWORD}"'.encode("utf-16-le"),
            "userAccountControl": "512",
        }
        return f"CN={name.title()},{PEOPLE}", ["user"], attributes

    def _id(self, entry: Entry) -> str:
        raw: bytes | str = entry["objectGUID"][0]
        return str(uuid.UUID(bytes_le=raw.encode() if isinstance(raw, str) else raw))

    def _one_of_a_crowd(self, number: int) -> str:
        """Somebody who is there: a group has nobody else."""
        dn = f"CN=Person {number},{LEAVERS}"
        self._client.add(dn, ["contact"])
        return dn

    def _login(self, entry: Entry) -> str:
        return _one(entry, "userPrincipalName")

    def _signs_in_as(self, login: str) -> str:
        return login

    def _seen(self, entry: Entry, **fields: Any) -> Seen:
        return Seen(
            active=not int(_one(entry, "userAccountControl")) & DISABLED,
            locked=_one(entry, "lockoutTime") not in {"", "0"},
            number=_one(entry, "employeeID"),
            expires_at=_day(_one(entry, "accountExpires")),
            aliases=frozenset(each.partition(":")[2] for each in entry.get("proxyAddresses", ())),
            **fields,
        )


def _one(entry: Entry, name: str) -> str:
    return str(next(iter(entry.get(name, ())), ""))


def _day(ticks: str) -> str:
    """Of Active Directory's hundreds of nanoseconds since 1601; two of them mean never."""
    if ticks in {"", "0", "9223372036854775807"}:
        return ""
    moment = dt.datetime(1601, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(ticks) // 10)
    return moment.date().isoformat()
