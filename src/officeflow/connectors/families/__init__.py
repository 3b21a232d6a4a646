"""What systems can do: families, the capabilities in them, and the protocols that node types are written
against, with the values that go in and out.

Every method that writes takes the act's idempotency `key` and reads back what it claims to have done
(`NothingHappened` otherwise). All raise `officeflow.errors.ConnectorError` only. Whoever opened a client
closes it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from officeflow.connectors.families import calendar, http, identity, mail


class Family(enum.StrEnum):
    """What a node type's connection must be for."""

    IDENTITY = "identity"
    MAIL = "mail"
    CALENDAR = "calendar"
    HTTP = "http"


class Capability(enum.StrEnum):
    """What a system can do or not. The value says it to people: "it cannot …"."""

    FIND_ACCOUNTS = "find accounts"
    CREATE_ACCOUNTS = "create accounts"
    SUSPEND_ACCOUNTS = "suspend accounts"
    KEEP_GROUPS = "keep groups"
    DELETE_ACCOUNTS = "delete accounts"
    SEND_MAIL = "send mail"
    KEEP_EVENTS = "keep events"
    TAKE_REQUESTS = "take requests"

    @property
    def protocol(self) -> type:
        """What a client that can do it inherits."""
        return _PROTOCOLS[self]

    @property
    def family(self) -> Family:
        return Family(self.protocol.__module__.rpartition(".")[2])


_PROTOCOLS: Mapping[Capability, type] = MappingProxyType(
    {
        Capability.FIND_ACCOUNTS: identity.FindsAccounts,
        Capability.CREATE_ACCOUNTS: identity.CreatesAccounts,
        Capability.SUSPEND_ACCOUNTS: identity.SuspendsAccounts,
        Capability.KEEP_GROUPS: identity.KeepsGroups,
        Capability.DELETE_ACCOUNTS: identity.DeletesAccounts,
        Capability.SEND_MAIL: mail.SendsMail,
        Capability.KEEP_EVENTS: calendar.KeepsEvents,
        Capability.TAKE_REQUESTS: http.TakesRequests,
    }
)


def capabilities_of(kind: object) -> frozenset[Capability]:
    """The capabilities whose protocols `kind` inherits: a client's class, or what a node type asks of one."""
    bases = getattr(kind, "__mro__", ())
    return frozenset(capability for capability in Capability if capability.protocol in bases)


def in_words(capabilities: Iterable[Capability]) -> str:
    """In the order in which they are declared: "find accounts and suspend accounts"."""
    wanted = set(capabilities)
    *before, last = [capability.value for capability in Capability if capability in wanted]
    return f"{', '.join(before)} and {last}" if before else last
