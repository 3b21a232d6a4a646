"""What the payload of each kind of lifecycle event may hold.

Every field may be absent or null: HR systems know different things at different times, and a workflow's
filter says what it needs. A field that is there has the type that its model says. Fields that no model names
are taken as they are, and are private unless their organization shows them (`payloads.split`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, ValidationError

from officeflow.errors import Problem
from officeflow.events.fields import Date, Email, LongText, Text, TimeZone
from officeflow.events.topics import EMPLOYEE_EXIT, EMPLOYEE_ONBOARD, EMPLOYEE_TRANSFER, EMPLOYEE_UPDATE
from officeflow.marks import Sensitive, is_sensitive
from officeflow.program import typed


class PersonPayload(BaseModel):
    """What all kinds may say about the person."""

    model_config = ConfigDict(extra="allow", strict=True)

    given_name: Text | None = Field(None, description="First name. `first_name` is taken as well.")
    family_name: Text | None = Field(None, description="Last name. `last_name` is taken as well.")
    first_name: Text | None = Field(None, description="Another spelling of `given_name`.")
    last_name: Text | None = Field(None, description="Another spelling of `family_name`.")
    preferred_name: Text | None = Field(None, description="What the person wants to be called.")
    work_email: Email | None = Field(None, description="Address at the organization.")
    department: Text | None = Field(None, description="Department, by name.")
    title: Text | None = Field(None, description="Job title.")
    manager_external_id: Text | None = Field(None, description="The manager's `employeeId`.")
    manager_email: Email | None = Field(None, description="The manager's work address.")
    location: Text | None = Field(None, description="Office or city.")
    time_zone: TimeZone | None = Field(
        None, description="IANA time zone of the workplace, such as Europe/Berlin."
    )
    employment_type: Text | None = Field(None, description="Such as full-time, part-time, contractor.")
    cost_center: Text | None = Field(None, description="Cost center.")
    start_date: Date | None = Field(None, description="First working day.")
    end_date: Date | None = Field(None, description="Last working day.")
    groups: list[Text] | None = Field(None, description="Groups or teams, by name.")

    personal_email: Annotated[Email | None, Sensitive] = Field(None, description="Private address.")
    personal_phone: Annotated[Text | None, Sensitive] = Field(None, description="Private telephone number.")
    phone: Annotated[Text | None, Sensitive] = Field(
        None, description="Telephone number; taken to be private."
    )
    birth_date: Annotated[Date | None, Sensitive] = Field(None, description="Date of birth.")
    national_id: Annotated[Text | None, Sensitive] = Field(
        None, description="National identifier, such as a social security number."
    )
    tax_id: Annotated[Text | None, Sensitive] = Field(None, description="Tax number.")
    passport_number: Annotated[Text | None, Sensitive] = Field(None, description="Passport number.")
    home_address: Annotated[LongText | dict[str, Any] | None, Sensitive] = Field(
        None, description="Private address, text or parts."
    )
    bank_account: Annotated[Text | dict[str, Any] | None, Sensitive] = Field(
        None, description="Account that the salary goes to."
    )
    salary: Annotated[StrictInt | StrictFloat | Text | dict[str, Any] | None, Sensitive] = Field(
        None, description="Pay, in any form."
    )
    gender: Annotated[Text | None, Sensitive] = Field(None, description="Gender.")
    nationality: Annotated[Text | None, Sensitive] = Field(None, description="Nationality.")
    marital_status: Annotated[Text | None, Sensitive] = Field(None, description="Marital status.")
    emergency_contact: Annotated[LongText | dict[str, Any] | None, Sensitive] = Field(
        None, description="Whom to call."
    )


class OnboardPayload(PersonPayload):
    """A person will join, or joins today."""

    equipment: list[Text] | None = Field(None, description="What the person needs, such as laptop.")


class ExitPayload(PersonPayload):
    """A person leaves, at `end_date` (its time zone: `time_zone`)."""

    voluntary: StrictBool | None = Field(None, description="False where the organization ended it.")
    immediate: StrictBool | None = Field(
        None, description="True: access ends now, not at the end of the last day."
    )
    reason: Annotated[LongText | None, Sensitive] = Field(None, description="Why, in words.")


class TransferPayload(PersonPayload):
    """A person gets another department, title, manager or place at `effective_date`."""

    effective_date: Date | None = Field(None, description="First day of the new assignment.")
    previous_department: Text | None = Field(None, description="Department before.")
    previous_title: Text | None = Field(None, description="Job title before.")
    previous_manager_external_id: Text | None = Field(None, description="`employeeId` of the manager before.")
    previous_location: Text | None = Field(None, description="Office or city before.")


class UpdatePayload(PersonPayload):
    """The person's data changed; fields that are absent did not. Leave is told as an update too."""

    effective_date: Date | None = Field(None, description="From when the change holds.")
    changed_fields: list[Text] | None = Field(None, description="Names of the fields that changed.")
    leave_start: Date | None = Field(None, description="First day of a leave.")
    leave_end: Date | None = Field(None, description="Last day of a leave.")
    leave_type: Annotated[Text | None, Sensitive] = Field(
        None, description="Kind of leave, such as parental."
    )


PAYLOADS: Mapping[str, type[PersonPayload]] = {
    EMPLOYEE_ONBOARD: OnboardPayload,
    EMPLOYEE_EXIT: ExitPayload,
    EMPLOYEE_TRANSFER: TransferPayload,
    EMPLOYEE_UPDATE: UpdatePayload,
}
"""Kind to its payload's model."""


def _marked(model: type[PersonPayload]) -> set[str]:
    return {name for name, field in model.model_fields.items() if is_sensitive(field)}


EMPTY_TEXT = (
    f"it is empty text: send null, or leave it out; `{typed('org events ORG')} --empty-text-is-null` reads it"
    " as null"
)

KNOWN_NAMES = frozenset(name for model in PAYLOADS.values() for name in model.model_fields)
"""The names of the fields that a payload of some kind has in its model."""

SENSITIVE_NAMES = frozenset(name for model in PAYLOADS.values() for name in _marked(model))
"""Those of them that are encrypted, in a payload of any kind."""


def payload_problems(kind: str, payload: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with the payload of an event of this kind, each with its field."""
    try:
        PAYLOADS[kind].model_validate(dict(payload))
    except ValidationError as error:
        return [_problem(dict(e), dict(payload)) for e in error.errors(include_url=False)]
    return []


def _problem(found: Mapping[str, Any], payload: Mapping[str, Any]) -> Problem:
    """Without the value."""
    hint = EMPTY_TEXT if found["input"] == "" else ""
    return Problem(_path(found["loc"], payload), found["msg"].removeprefix("Value error, "), hint)


def _path(location: tuple[int | str, ...], payload: Mapping[str, Any]) -> str:
    """Leaves out the names that pydantic gives to the members of a union."""
    text = "payload"
    value: Any = payload
    for part in location:
        if isinstance(part, int) and isinstance(value, list):
            text, value = f"{text}[{part}]", value[part]
        elif isinstance(value, dict) and part in value:
            text, value = f"{text}.{part}", value[part]
    return text
