"""Identity providers elsewhere that a system trusts to sign its people in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlIdentityProvider:
    """SAML 2.0: `entity_id` is the identity provider's, the addresses are where it signs people in and out
    and lets them change their password. `certificates`, as PEM, are what it signs with; none leaves those
    that are known.
    """

    entity_id: str
    sign_in_url: str
    sign_out_url: str | None = None
    password_url: str | None = None
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """`entity_id` and `acs_url` are the system's own: what the identity provider has to be told. `provider`
    has no certificates, `certificates` is how many are known. People of `units` (paths) and of `groups` (by
    display name) sign in by it.
    """

    id: str
    name: str
    provider: SamlIdentityProvider
    entity_id: str
    acs_url: str
    certificates: int = 0
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class TrustsProviders(Opened, Protocol):
    @abstractmethod
    def trusts_named(self, name: str) -> Sequence[Trust]:
        """Those that are called exactly so, apart from case."""
        ...

    @abstractmethod
    def get_trust(self, trust_id: str) -> Trust:
        """`NotFound` where there is none."""
        ...

    @abstractmethod
    def trust_provider(self, name: str, provider: SamlIdentityProvider, *, key: str) -> Trust:
        """Nobody signs in by it yet. `Conflict` where one is called so already."""
        ...

    @abstractmethod
    def change_trust(self, trust_id: str, provider: SamlIdentityProvider, *, key: str) -> Trust:
        """What is None stays as it is, an empty text removes it."""
        ...

    @abstractmethod
    def check_targets(self, trust_id: str | None, *, units: Sequence[str], groups: Sequence[str]) -> None:
        """Whether the people of these could sign in by it, for all that can be seen; raises what
        `apply_trust` would. None is for one that there is not yet.
        """
        ...

    @abstractmethod
    def apply_trust(self, trust_id: str, *, units: Sequence[str], groups: Sequence[str], key: str) -> Trust:
        """Let the people of exactly these units and groups sign in by it.

        `NotFound` names one that there is not, `Conflict` one whose people sign in otherwise already.
        """
        ...

    @abstractmethod
    def remove_trust(self, trust_id: str, *, key: str) -> None:
        """Forget the identity provider. `Conflict` while people sign in by it; none is a success."""
        ...
