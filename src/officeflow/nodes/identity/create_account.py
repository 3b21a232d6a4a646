"""`identity.create_account`."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from officeflow.catalog.spec import Effect, NodeSpec
from officeflow.connectors.families import Account, IdentityProvider, NewAccount
from officeflow.errors import Conflict
from officeflow.nodes.base import Act, Node, NodeOutput, NodeParams
from officeflow.nodes.identity._accounts import described, named

LAST_NUMBER = 99
CLOCK_SKEW = dt.timedelta(minutes=2)


class Params(NodeParams):
    """The account to create. A field that is left out is not sent to the provider at all."""

    login: str = Field(description="User name, mostly the e-mail address.", examples=["ana@acme.example"], min_length=1, max_length=256)
    external_id: str | None = Field(
        None,
        description="Employee number. An account that has it already is this person's, and none is created.",
        examples=["${{ employee.external_id }}"],
        min_length=1,
        max_length=256,
    )
    given_name: str | None = Field(None, description="First name.")
    family_name: str | None = Field(None, description="Last name.")
    display_name: str | None = Field(None, description="Name as it is shown; the provider's own choice where it is left out.")
    email: str | None = Field(None, description="E-mail address at work.", examples=["ana@acme.example"])
    title: str | None = Field(None, description="Job title.")
    department: str | None = Field(None, description="Department.")
    active: bool = Field(True, description="False creates the account suspended, for example some days before the first one.")
    attributes: dict[str, str] = Field(
        default_factory=dict,
        description="Further attributes by the provider's names.",
        examples=[{"employeeNumber": "1001", "preferredLanguage": "es"}],
    )
    on_conflict: Literal["fail", "adopt", "number"] = Field(
        "fail",
        description=(
            "What to do where the login is taken by an account without this employee number: `fail`; `adopt` it where it has no employee "
            "number at all; or `number`: take the first free one of ana2@, ana3@ …"
        ),
    )

    @model_validator(mode="after")
    def _number_needs_identity(self) -> Params:
        if self.on_conflict == "number" and not self.external_id:
            raise ValueError("on_conflict: number needs external_id, or a second attempt could not find its account again")
        return self


class Result(NodeOutput):
    """The account as the provider has it."""

    account_id: str = Field(description="The provider's own id.")
    login: str = Field(description="User name; not the one asked for where on_conflict chose another.")
    external_id: str | None = Field(description="Employee number.")
    email: str | None = Field(description="E-mail address that the provider has.")
    active: bool = Field(description="False while the account is suspended.")
    created: bool = Field(description="True when this node created it, False when it was there before.")


class CreateAccount(Node[Params, IdentityProvider, Result]):
    """Create a person's account, once.

    An account with the same employee number is taken for the person's own and left as it is. Without an employee number the login alone
    decides, and a login that exists is a conflict.
    """

    spec = NodeSpec(
        type="identity.create_account",
        title="Create account",
        group="Identity",
        effect=Effect.CHECK_THEN_ACT,
        family="identity",
        inverse="identity.delete_account",
        evidence="The account is read again by the id that the provider gave it.",
    )

    def perform(self, params: Params, provider: IdentityProvider, act: Act) -> Result:
        own = self._own(params, provider)
        if own is not None:
            act.found(f"{described(own)} is this person's already, at {provider.address}")
            return _result(own, created=False)
        act.found(f"no {named(login=params.login, external_id=params.external_id)} at {provider.address}")
        taken = provider.find_account(login=params.login)
        if taken is not None and params.on_conflict == "adopt" and taken.external_id is None:
            act.note(f"adopted {described(taken)}, which has no employee number")
            return _result(taken, created=False)
        login = params.login if taken is None else self._other_login(params, taken, provider, act)
        account = provider.create_account(_new(params, login), key=act.key)
        act.changed(f"created account {account.login} with id {account.id} at {provider.address}, under key {act.key[:12]}…")
        act.read_back(described(account))
        return _result(account, created=True)

    def find(self, params: Params, provider: IdentityProvider, act: Act) -> Result | None:
        """The person's account. It counts as created here where the provider says that it is no older than the act."""
        account = self._own(params, provider)
        if account is None and params.external_id is None:
            account = provider.find_account(login=params.login)
        if account is None:
            act.found(f"no {named(login=params.login, external_id=params.external_id)}: the earlier attempt created none")
            return None
        ours = account.created_at is not None and account.created_at >= act.began_at - CLOCK_SKEW
        if params.external_id is None and not ours:
            return None
        act.found(f"{described(account)}, {'created by the earlier attempt' if ours else 'there before'}")
        return _result(account, created=ours)

    @staticmethod
    def _own(params: Params, provider: IdentityProvider) -> Account | None:
        return provider.find_account(external_id=params.external_id) if params.external_id else None

    @staticmethod
    def _other_login(params: Params, taken: Account, provider: IdentityProvider, act: Act) -> str:
        owner = f"employee {taken.external_id}" if taken.external_id else "an account without employee number"
        text = f"the login {params.login} is taken by {owner}"
        if params.on_conflict != "number":
            raise Conflict(text, operation="create_account", hint="choose another login, or set on_conflict")
        local, at, domain = params.login.partition("@")
        for number in range(2, LAST_NUMBER + 1):
            login = f"{local}{number}{at}{domain}"
            if provider.find_account(login=login) is None:
                act.note(f"{text}; takes {login}")
                return login
        raise Conflict(f"{text}, and so are the next {LAST_NUMBER - 1}", operation="create_account")


def _new(params: Params, login: str) -> NewAccount:
    return NewAccount(
        login=login,
        external_id=params.external_id,
        given_name=params.given_name,
        family_name=params.family_name,
        display_name=params.display_name,
        email=params.email,
        title=params.title,
        department=params.department,
        active=params.active,
        attributes=params.attributes,
    )


def _result(account: Account, *, created: bool) -> Result:
    return Result(
        changed=created,
        created=created,
        account_id=account.id,
        login=account.login,
        external_id=account.external_id,
        email=account.email,
        active=account.active,
    )
