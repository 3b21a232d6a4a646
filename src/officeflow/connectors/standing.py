"""Who a connection is at its system, and what that may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from officeflow.connectors.families import Capability


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`who` is the account or application that the system takes us for, in its own words.

    `may` are the capabilities that the credential has all rights for; `lacks` are those that it has not, each
    with what is missing, by the system's name for it (a scope, a role, a permission). What is in neither the
    system does not tell before it is tried. `notes` are for people: what else to know, such as a credential
    that ends soon.
    """

    who: str
    may: frozenset[Capability] = frozenset()
    lacks: Mapping[Capability, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
