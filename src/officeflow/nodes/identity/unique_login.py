"""`identity.unique_login`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, FindsAccounts
from officeflow.errors import Conflict, InvalidParameters, Problem
from officeflow.nodes.identity._accounts import deleted_accounts, described
from officeflow.nodes.identity._logins import SEPARATORS, Pattern, Spelling, candidates
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    as_list,
    creates,
    no_change,
)

LONGEST_LOGIN = 256
PatternText = Annotated[str, Field(min_length=1, max_length=300)]


class Params(NodeParams):
    """How the login is made, and of whose name."""

    pattern: Annotated[
        list[PatternText],
        BeforeValidator(as_list, json_schema_input_type=PatternText | list[PatternText]),
        Field(min_length=1, max_length=10),
    ] = Field(
        description=(
            "How it is made: `{given}`, `{middle}`, `{family}`, their first letters `{g}`, `{m}`, `{f}`,"
            " `{employee}` and `{number}`; `{family:5}` takes five letters, `{number:2}` has two digits"
            " always. Of several each is tried as it is, then the first one with numbers from 2 on, at its"
            " end where it has no `{number}`."
        ),
        examples=["{given}.{family}@acme.example"],
    )
    given_name: str | None = Field(
        None, description="First name.", examples=["${{ employee.given_name }}"], max_length=1000
    )
    middle_name: str | None = Field(None, description="Middle name.", max_length=1000)
    family_name: str | None = Field(
        None, description="Last name.", examples=["${{ employee.family_name }}"], max_length=1000
    )
    external_id: str | None = Field(
        None,
        description=(
            "Employee number, for `{employee}`. Who has an account with it already keeps the login of that."
        ),
        examples=["${{ employee.external_id }}"],
        min_length=1,
        max_length=256,
    )
    german: bool = Field(False, description="True writes ä, ö, ü as ae, oe, ue; otherwise they are a, o, u.")
    replace: dict[str, str] = Field(
        default_factory=dict,
        description="How further letters are written, before all else.",
        examples=[{"å": "aa", "ø": "oe"}],
        max_length=100,
    )
    signs: str = Field(
        SEPARATORS,
        description="What may stand before the @ beside the letters a to z and digits.",
        pattern=r"^[.\-_]*$",
    )
    longest: int = Field(
        64, description="How many characters may stand before the @; 20 in many directories.", ge=3, le=64
    )
    last_number: int = Field(99, description="The last number that is tried.", ge=1, le=9999)

    @model_validator(mode="after")
    def _patterns_can_be(self) -> Params:
        for text in self.pattern:
            try:
                Pattern(text).check(self.signs)
            except ValueError as error:
                raise ValueError(f"pattern: {error}") from error
            if len(Pattern(text).domain) + self.longest > LONGEST_LOGIN:
                raise ValueError(f"pattern: {text!r} is longer than a login of {LONGEST_LOGIN} characters")
        return self

    def candidates(self) -> Iterator[tuple[str, int | None]]:
        """`InvalidParameters` where the name gives nothing that can stand in a login."""
        spelling = Spelling(german=self.german, replace=self.replace, signs=self.signs)
        given = {
            "given": self.given_name,
            "middle": self.middle_name,
            "family": self.family_name,
            "employee": self.external_id,
        }
        names = {name: spelling.letters(value or "") for name, value in given.items()}
        patterns = [Pattern(text) for text in self.pattern]
        found = candidates(patterns, names, longest=self.longest, last=self.last_number)
        first = next(found, None)
        if first is None:
            shown = " ".join(value for value in given.values() if value)[:80] or "no name at all"
            problem = Problem(
                "params.pattern",
                f"nothing that may stand in a login comes of {shown!r}",
                "give a name in letters, or a pattern with {employee}",
            )
            raise InvalidParameters("there is no login for this name", problems=[problem])
        yield first
        yield from found


class Result(NodeOutput):
    """The login, which nobody has."""

    login: str = Field(description="The login.")
    local_part: str = Field(description="What stands before the @; the login where there is none.")
    number: int | None = Field(description="The number in it; null where it has none.")
    has_account: bool = Field(
        description="Whether it is the login of an account that the person has already; nothing is reserved."
    )


class UniqueLogin(Node[Params, FindsAccounts, Result]):
    """Make a login of a person's name that nobody has, and keep it for this run.

    It is looked for among logins, further addresses and, where the system keeps them, deleted accounts. Two
    runs that want the same login at the same moment get two: it is kept for the run until a day after that
    has ended, unless it is given back before.
    """

    spec = NodeSpec(
        type="identity.unique_login",
        title="Unique login",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The login is given back: another run may have it.",
        evidence="The system was asked for the login and nobody has it; the reservation is recorded.",
    )

    def perform(self, params: Params, provider: FindsAccounts, act: Act) -> Result:
        own = _own(params, provider)
        if own is not None:
            act.found(f"{described(own)} at {provider.address} is this person's")
            return _result(own.login, None, has_account=True)
        for login, number in params.candidates():
            holder = _holder(login, provider)
            if holder:
                act.note(f"{login} is taken: {holder}")
            elif not act.reserve(login):
                act.note(f"{login} is kept for another run")
            else:
                act.changed(f"keeps the login {login} at {provider.address} for this run")
                return _result(login, number, has_account=False)
        raise _all_taken(params)

    def plan(self, params: Params, provider: FindsAccounts, act: Act) -> Sequence[Planned]:
        """The login that is free now; another run may have it by then."""
        own = _own(params, provider)
        if own is not None:
            return (no_change(f"login {own.login}", "the person has an account with it already"),)
        for login, number in params.candidates():
            holder = _holder(login, provider)
            if not holder:
                note = "if no other run keeps it by then"
                fields = [FieldChange(field="login", after=login)]
                return (creates(f"reservation of the login {login} at {provider.address}", fields, note),)
            act.note(f"{login} is taken ({number or 'no number'}): {holder}")
        raise _all_taken(params)

    def undo(self, params: Params, output: Result, provider: FindsAccounts, act: Act) -> None:
        del params, provider
        if not act.give_back():
            act.note(f"the login {output.login} is not kept any more")
            return
        act.changed(f"gave the login {output.login} back")
        act.read_back("nothing is kept for this act")


def _own(params: Params, provider: FindsAccounts) -> Account | None:
    """The account that the person has already."""
    own = provider.find_account(external_id=params.external_id) if params.external_id else None
    return own if own is not None and not own.foreign else None


def _holder(login: str, provider: FindsAccounts) -> str:
    """Who has the login at the system, in words; "" where nobody has."""
    try:
        account = provider.find_account(login=login)
    except Conflict as error:
        return error.message
    if account is not None:
        return described(account)
    if "@" in login and (others := provider.find_accounts(email=login)):
        return f"{described(others[0])} has it as an address"
    if deleted_accounts(provider, login=login):
        return "a deleted account has it"
    return ""


def _all_taken(params: Params) -> Conflict:
    return Conflict(
        f"no login by {' or '.join(params.pattern)} is free, up to the number {params.last_number}",
        operation="unique_login",
        hint="give another pattern, or a higher last_number",
    )


def _result(login: str, number: int | None, *, has_account: bool) -> Result:
    return Result(
        changed=not has_account,
        login=login,
        local_part=login.partition("@")[0],
        number=number,
        has_account=has_account,
    )
