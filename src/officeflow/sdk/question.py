"""What a node asks people, and what was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from officeflow.statuses import DecisionRule, RequestKind

REASON = "reason"
"""The field of Airflow's page in which the reason of an answer is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a node asks people.

    It is shown, with a button for each option, where Airflow lists what waits for people.

    `timeout` is how long to wait; after it `default` (one of the options) is the answer, or, without one, the
    node is told that there is none.

    With a `kind` the platform keeps who is asked and who has answered, and gives the node a `Decision` as
    `act.come`; the first option is then the yes. Without one whoever answers first is the answer, and it
    comes as `act.answer`.
    """

    subject: str
    options: tuple[str, ...]
    body: str = ""
    timeout: dt.timedelta | None = None
    default: str | None = None
    kind: RequestKind | None = None
    asked: tuple[Mapping[str, Any], ...] = ()
    """`{"user": address}`, `{"role": name}`, `{"group": name}` or `{"manager": True}`, each with `or` for
    others in their place where there is nobody; empty: whoever may change the run in Airflow.
    """
    rule: DecisionRule = DecisionRule.ANY
    needed: int = 1
    """How many different people have to say yes, by the rule `n`."""
    form: Mapping[str, Any] | None = None
    """JSON Schema of what is to be filled in (`officeflow.sdk.form`)."""
    reasons: tuple[str, ...] = ()
    """Those of the options that need a reason."""
    due: dt.datetime | None = None
    """By when it should be done; nothing ends then."""
    remind_before: dt.timedelta | None = None
    """How long before the timeout is over, or before it is due, those who have not answered are reminded."""
    escalate_after: dt.timedelta | None = None
    escalate_to: tuple[Mapping[str, Any], ...] = ()
    """As `asked`: who is asked too where nobody has decided by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, by whom (an Airflow user name, or "" where nobody answered in time) and when.

    `values` is what was filled in.
    """

    chosen: str
    by: str = ""
    at: dt.datetime | None = None
    in_time: bool = True
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person said; `stands_for` is in whose place, or ""."""

    by: str
    choice: str
    at: dt.datetime
    stands_for: str = ""
    reason: str = ""
    door: str = ""

    @property
    def who(self) -> str:
        """For people: `bea for ana`."""
        return f"{self.by} for {self.stands_for}" if self.stands_for else self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the answers to a question with a `kind` come to.

    `chosen` is an option, or "" where there was no decision in time and no default. `in_time` is False where
    `chosen` is the default.
    """

    chosen: str
    said: Sequence[Said] = ()
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    at: dt.datetime | None = None
    in_time: bool = True

    @property
    def by(self) -> str:
        """Whose answers these are, for people; "" where nobody answered."""
        return ", ".join(one.who for one in self.said)
