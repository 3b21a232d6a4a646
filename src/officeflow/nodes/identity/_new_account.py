"""What an account is created from: the parameters of `identity.create_account`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from officeflow.connectors.families.identity import Account, NewAccount
from officeflow.nodes.identity._person import ENTERPRISE_NUMBER, Person
from officeflow.sdk import NodeParams

WRITTEN = (
    *("external_id", "given_name", "family_name", "display_name"),
    *("email", "title", "department"),
)
"""What reads back as it was sent, of a new account that has it."""


class Params(NodeParams):
    """The account to create. A field that is left out is not sent to the provider at all."""

    login: str = Field(
        description="User name, mostly the e-mail address.",
        examples=["ana@acme.example"],
        min_length=1,
        max_length=256,
    )
    external_id: str | None = Field(
        None,
        description="Employee number. An account that has it already is this person's, and none is created.",
        examples=["${{ employee.external_id }}"],
        min_length=1,
        max_length=256,
    )
    given_name: str | None = Field(None, description="First name.")
    family_name: str | None = Field(None, description="Last name.")
    display_name: str | None = Field(
        None, description="Name as it is shown; the provider's own choice where it is left out."
    )
    email: str | None = Field(None, description="E-mail address at work.", examples=["ana@acme.example"])
    title: str | None = Field(None, description="Job title.")
    department: str | None = Field(None, description="Department.")
    active: bool = Field(
        True, description="False creates the account suspended, for example some days before the first one."
    )
    attributes: dict[str, str] = Field(
        default_factory=dict,
        description="Further attributes by the provider's names.",
        examples=[{"employeeNumber": "1001", "preferredLanguage": "es"}],
    )
    on_conflict: Literal["fail", "adopt", "number"] = Field(
        "fail",
        description=(
            "What to do where the login is taken by an account without this employee number: `fail`; `adopt`"
            " it where it has no employee number at all; or `number`: take the first free one of ana2@, ana3@"
            " …, where the account is certainly another person's"
        ),
    )

    @model_validator(mode="after")
    def _number_needs_identity(self) -> Params:
        if self.on_conflict == "number" and not self.external_id:
            raise ValueError(
                "on_conflict: number needs external_id, or a second attempt could not find its account again"
            )
        return self

    def person(self) -> Person:
        """By what the account is known as this person's."""
        return Person(
            login=self.login,
            external_id=self.external_id,
            employee_number=self.attributes.get("employeeNumber") or self.attributes.get(ENTERPRISE_NUMBER),
            given_name=self.given_name,
            family_name=self.family_name,
            display_name=self.display_name,
            email=self.email,
        )

    def has_made(self, account: Account) -> bool:
        """Whether the account has the employee number, and all else that one made of these parameters has."""
        wanted = self.new_account(account.login)
        given = {name: value for name in WRITTEN if (value := getattr(wanted, name)) is not None}
        return (
            wanted.external_id is not None
            and account.active is wanted.active
            and all(getattr(account, name) == value for name, value in given.items())
            and all(account.attributes.get(name) == value for name, value in wanted.attributes.items())
        )

    def new_account(self, login: str) -> NewAccount:
        """What the provider is sent, with another login where this one is taken."""
        return NewAccount(
            login=login,
            external_id=self.external_id,
            given_name=self.given_name,
            family_name=self.family_name,
            display_name=self.display_name,
            email=self.email,
            title=self.title,
            department=self.department,
            active=self.active,
            attributes=self.attributes,
        )
