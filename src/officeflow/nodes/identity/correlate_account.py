"""`identity.correlate_account`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, FindsAccounts
from officeflow.errors import AnswerNeeded, Conflict, NotApproved
from officeflow.nodes.human._asking import AskingParams
from officeflow.nodes.identity._accounts import described
from officeflow.nodes.identity._rehire import Known, Sureness, candidates
from officeflow.sdk import Act, Decision, Effect, Node, NodeOutput, NodeSpec, Question
from officeflow.statuses import RequestKind

Text = Annotated[str, Field(min_length=1, max_length=256)]
FIELD, SUBMIT = "account", "Submit"
NONE = "none of them"
MOST = 20
"""Accounts that a person can choose from."""


class Params(AskingParams):
    """What is known of the person, and who is asked where that is not enough."""

    external_id: Text | None = Field(
        None, description="Employee number.", examples=["${{ employee.external_id }}"]
    )
    login: Text | None = Field(None, description="User name that they have or would get.")
    email: Text | None = Field(
        None, description="E-mail address at work.", examples=["${{ employee.email }}"]
    )
    given_name: Text | None = Field(None, description="First name.", examples=["${{ employee.given_name }}"])
    family_name: Text | None = Field(None, description="Last name.", examples=["${{ employee.family_name }}"])
    former_names: list[Text] = Field(
        default_factory=list,
        description="Whole names that they had before, such as `Ana Pérez`.",
        examples=[["Ana Pérez"]],
        max_length=20,
    )
    former_logins: list[Text] = Field(
        default_factory=list,
        description="User names or addresses that they had before.",
        examples=[["ana.perez@acme.example"]],
        max_length=20,
    )
    by_name: bool = Field(
        False,
        description=(
            "Whether all accounts are read and compared by name, where the system lists them: that takes long"
            " in a large directory."
        ),
    )

    @model_validator(mode="after")
    def _says_whom(self) -> Params:
        if not (self.external_id or self.login or self.email or self.former_logins or self.by_name):
            raise ValueError("one of external_id, login, email, former_logins and by_name is needed")
        if self.by_name and not self.known().names:
            raise ValueError("by_name: it needs given_name and family_name, or former_names")
        return self

    def known(self) -> Known:
        name = " ".join(part for part in (self.given_name, self.family_name) if part)
        former = tuple(self.former_logins)
        return Known(
            external_id=self.external_id,
            logins=tuple(dict.fromkeys((*([self.login] if self.login else []), *former))),
            emails=tuple(dict.fromkeys((*([self.email] if self.email else []), *former))),
            names=(*([name] if name else []), *self.former_names),
        )


class Result(NodeOutput):
    """The account that the person had; everything but `found` is empty where they had none."""

    changed: bool = Field(False, description="Always False: looking and asking change nothing.")
    found: bool = Field(description="Whether they had one.")
    account_id: str | None = Field(None, description="The provider's own id.")
    login: str | None = Field(None, description="User name.")
    external_id: str | None = Field(None, description="Employee number that the account has.")
    active: bool = Field(False, description="Whether it can be used.")
    deleted: bool = Field(
        False, description="Whether it is deleted: identity.restore_account brings it back."
    )
    chosen_by: str = Field(
        "", description='Who said that it is this one, or none; "" where nobody was asked.'
    )


class CorrelateAccount(Node[Params, FindsAccounts, Result]):
    """Find the account that somebody had before they came back: by employee number, login, address and former
    names, among deleted accounts too where the system keeps them.

    One that certainly is theirs is taken, and it is certain by the employee number alone. Where there are
    two, or one that may be somebody else's, people are asked and no process waits meanwhile; their answer
    stays so.
    """

    spec = NodeSpec(
        type="identity.correlate_account",
        title="Correlate account",
        group="Identity",
        effect=Effect.PURE,
        family=Family.IDENTITY,
        evidence="What the provider answered, and who said which account it is, where it was asked.",
    )
    asks_people = True

    def perform(self, params: Params, provider: FindsAccounts, act: Act) -> Result:
        known = params.known()
        found = candidates(known, provider, by_name=params.by_name)
        sure = {each.id: known.sureness(each) for each in found}
        possible = [each for each in found if sure[each.id] is not Sureness.NOT]
        for each in found:
            act.found(f"{_described(each)}: {sure[each.id].value}")
        certain = [each for each in possible if sure[each.id] is Sureness.CERTAIN]
        if len(certain) == 1 or not possible:
            return _result(certain[0] if certain else None)
        return self._asked(params, possible, provider, act)

    def _asked(self, params: Params, possible: list[Account], provider: FindsAccounts, act: Act) -> Result:
        """What people have said; `AnswerNeeded` where nobody has yet."""
        if len(possible) > MOST:
            raise Conflict(
                f"{len(possible)} accounts may be this person's, which nobody can choose from",
                operation="correlate_account",
                hint="say more of the person: the employee number, or without by_name",
            )
        by_label = {_label(each): each for each in possible}
        if act.come is None:
            raise AnswerNeeded(
                f"{len(possible)} accounts at {provider.address} may be this person's",
                question=_question(params, list(by_label), provider),
            )
        decision: Decision = act.come
        if decision.chosen != SUBMIT:
            raise NotApproved(
                f"nobody said within {params.timeout} which account it is", hint="clear the task to ask again"
            )
        said = str(decision.values.get(FIELD, ""))
        if said != NONE and said not in by_label:
            raise Conflict(
                f"the account that was chosen is not among them any more: {said}",
                operation="correlate_account",
                hint="redo the act to ask again",
            )
        act.note(f"{decision.by or 'somebody'} says: {said}")
        return _result(by_label.get(said), by=decision.by or "somebody")


def _question(params: Params, labels: list[str], provider: FindsAccounts) -> Question:
    form: dict[str, Any] = {
        "properties": {FIELD: {"type": "string", "enum": [*labels, NONE], "title": "Account"}},
        "required": [FIELD],
    }
    name = " ".join(part for part in (params.given_name, params.family_name) if part)
    who = name or params.external_id or params.email or params.login or "this person"
    return Question(
        subject=f"Which account did {who} have?"[:200],
        body=(
            f"At {provider.address} there are accounts that may be theirs, and nothing proves it. What is not"
            " chosen is left as it is."
        ),
        options=(SUBMIT,),
        kind=RequestKind.FORM,
        form=form,
        **params.asking(),
    )


def _label(account: Account) -> str:
    """What people choose by: unlike any other of the same system."""
    state = (
        f"deleted on {account.deleted_at:%Y-%m-%d}"
        if account.deleted_at
        else "active"
        if account.active
        else "suspended"
    )
    told = (account.login, account.display_name, account.external_id and f"employee {account.external_id}")
    return ", ".join([*(str(each) for each in told if each), state, f"id {account.id}"])


def _described(account: Account) -> str:
    return f"{described(account)}{', deleted' if account.deleted_at else ''}"


def _result(account: Account | None, *, by: str = "") -> Result:
    if account is None:
        return Result(found=False, chosen_by=by)
    return Result(
        found=True,
        account_id=account.id,
        login=account.login,
        external_id=account.external_id,
        active=account.active and account.deleted_at is None,
        deleted=account.deleted_at is not None,
        chosen_by=by,
    )
