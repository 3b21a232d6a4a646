"""Handing over what an account owns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """`told` is what the system says of it in a few words: what was handed over, or what failed."""

    id: str
    state: Literal["running", "done", "failed"]
    told: str = ""


class TransfersOwnership(Opened, Protocol):
    @abstractmethod
    def find_transfers(self, account_id: str, to_id: str) -> Sequence[Transfer]:
        """Those from the one account to the other, the newest first."""
        ...

    @abstractmethod
    def begin_transfer(self, account_id: str, to_id: str, what: Sequence[str], *, key: str) -> Transfer:
        """Begin to hand over what the account owns in these applications (by the provider's names; none means
        all that can be). `NotFound` names an account or application that is not there.
        """
        ...

    @abstractmethod
    def get_transfer(self, transfer_id: str) -> Transfer: ...
