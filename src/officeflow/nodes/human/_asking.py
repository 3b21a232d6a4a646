"""What all nodes that ask people have in common: whom, by which rule, and what happens in time."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from officeflow.expressions.params import has_expression
from officeflow.sdk import Duration, NodeParams
from officeflow.statuses import DecisionRule
from officeflow.tenants import roles


class Whom(NodeParams):
    """Users of the organization: exactly one of these."""

    user: str | None = Field(
        None, description="The address of one user.", examples=["ana@acme.example"], max_length=320
    )
    role: str | None = Field(None, description="All who have this role.", max_length=50)
    group: str | None = Field(None, description="All who are in this group.", max_length=100)
    manager: Literal[True] | None = Field(
        None, description="The manager of the person that the run is about."
    )

    @field_validator("role")
    @classmethod
    def _role_is_known(cls, role: str | None) -> str | None:
        if role is not None and role not in roles.ROLES:
            raise ValueError(f"{role!r} is not a role: one of {', '.join(roles.ROLES)}")
        return role

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in ("user", "role", "group", "manager")) != 1:
            raise ValueError("it names exactly one of user, role, group and manager")
        return self


class Asked(Whom):
    """Users of the organization: exactly one of `user`, `role`, `group` and `manager`."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True, serialize_by_alias=True)

    otherwise: list[Whom] = Field(
        default_factory=list,
        alias="or",
        max_length=10,
        description="Who is asked instead where that gives nobody who may answer.",
    )


class Escalation(NodeParams):
    """Who is asked too where nobody has decided after a time."""

    after: Duration = Field(description="After how long: ISO 8601 or seconds.", examples=["P1D"])
    to: list[Asked] = Field(min_length=1, max_length=20, description="Whom.")


class AskingParams(NodeParams):
    """Whom it asks, and what happens in time."""

    asked: list[Asked] = Field(
        default_factory=list,
        max_length=50,
        description=(
            "Who may answer, never the person that the run is about nor who has started it. Left out: whoever"
            " may change the run in Airflow."
        ),
        examples=[[{"manager": True, "or": [{"role": "admin"}]}]],
    )
    escalate: Escalation | None = Field(
        None, description="Who is asked too where nobody has decided after a time."
    )
    remind_before: Duration | None = Field(
        None,
        description="How long before its time is over those who have not answered are reminded.",
        examples=["PT4H"],
    )
    timeout: Duration | None = Field(
        None, description="How long to wait: ISO 8601 or seconds; for ever without it.", examples=["P2D"]
    )

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        if self.escalate is not None and not self.asked:
            raise ValueError("escalate: it needs asked, who is to answer before")
        if self.timeout is None:
            return self
        if self.escalate is not None and self.escalate.after > self.timeout:
            raise ValueError("escalate.after: it is longer than timeout, so it would never come to that")
        if self.remind_before is not None and self.remind_before >= self.timeout:
            raise ValueError("remind_before: it is as long as timeout or longer")
        return self

    def asking(self) -> dict[str, Any]:
        """As a `Question` has it."""
        return {
            "asked": _told(self.asked),
            "timeout": self.timeout,
            "remind_before": self.remind_before,
            "escalate_after": self.escalate.after if self.escalate else None,
            "escalate_to": _told(self.escalate.to) if self.escalate else (),
        }


class RuledParams(AskingParams):
    """Of several people, how many have to say yes."""

    rule: DecisionRule = Field(
        DecisionRule.ANY,
        description=(
            "any: the first answer decides. all: each who is asked must say yes. n: so many different people"
            " as needed says."
        ),
    )
    needed: int | None = Field(None, ge=1, le=50, description="How many have to say yes, by the rule n.")

    @model_validator(mode="after")
    def _rule_fits(self) -> Self:
        if self.rule != DecisionRule.ANY and not self.asked:
            raise ValueError(f"rule: {self.rule.value} needs asked, whose answers count")
        if (self.rule == DecisionRule.N) != (self.needed is not None):
            raise ValueError("needed: it belongs to the rule n, which needs it")
        most = most_asked(self.asked)
        if self.needed is not None and most is not None and self.needed > most:
            raise ValueError(f"needed: {self.needed} have to say yes, and only {most} are asked")
        return self

    def asking(self) -> dict[str, Any]:
        return {**super().asking(), "rule": self.rule, "needed": self.needed or 1}


def most_asked(asked: list[Asked]) -> int | None:
    """How many people these are at most; None where that is not known before they are looked for."""
    if any(each.role or each.group or has_expression(each.user or "") for each in asked):
        return None
    users = {each.user.lower() for each in asked if each.user}
    return len(users) + any(each.manager for each in asked)


def _told(asked: list[Asked]) -> tuple[dict[str, Any], ...]:
    return tuple(each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in asked)
