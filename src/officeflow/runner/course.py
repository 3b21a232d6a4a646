"""How far one run of a node has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from officeflow.connectors.connection import Connection
from officeflow.errors import NotKnown, OfficeFlowError, Unavailable
from officeflow.ids import connection_id
from officeflow.runner.masking import Mask, MaskedLog
from officeflow.runner.patience import borne
from officeflow.runner.retry import Retries
from officeflow.runner.services import Services
from officeflow.runner.values import Surroundings
from officeflow.sdk import NodeInput


@dataclass(slots=True)
class Course:
    """One call of `run_node`: its steps write here what they find, and by that its end is told, however it
    comes.
    """

    given: NodeInput
    services: Services
    around: Surroundings | None = None
    """None until the run's row and what the expressions see have been read."""
    follows_person: bool = False
    """Whether it waits for what may change in the person's record meanwhile."""
    mask: Mask = field(default_factory=Mask)
    """Hides what is sensitive, as far as that is known by now."""
    key: str = ""
    """The act's; "" until it has begun."""
    story: list[dict[str, str]] = field(default_factory=list)
    heard: bool = False
    """Whether the answer that the task was resumed with is recorded with its request, or was refused."""
    recorded: Exception | None = None
    """The act's own error: the ledger keeps it."""

    @property
    def log(self) -> MaskedLog:
        return MaskedLog(self.services.log, self.mask)

    @property
    def retries(self) -> Retries:
        return Retries.of(self.given, self.services.random)

    def connection(self) -> Connection:
        """The one that the node names; `StillAway` where the task is to look for it again."""
        try:
            return self.services.connect(connection_id(self.given.org, self.given.connection or ""))
        except (Unavailable, NotKnown) as error:
            raise self.borne(error) from error

    def borne(self, error: OfficeFlowError) -> OfficeFlowError:
        """The error, or `StillAway` while it is waited for."""
        seen = self.around.seen if self.around else None
        return borne(error, seen, now=self.services.clock.now(), drawn=self.services.random())
