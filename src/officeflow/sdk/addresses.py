"""E-mail addresses as parameters."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from officeflow import addresses
from officeflow.errors import InvalidInput
from officeflow.sdk.fields import as_list


def _mailbox(text: str) -> str:
    try:
        addresses.mailbox(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error
    return text


def _address(text: str) -> str:
    try:
        return addresses.address(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


Mailbox = Annotated[str, Field(max_length=addresses.LONGEST_TEXT), AfterValidator(_mailbox)]
"""An address, or one with a name: `Ana Pérez <ana@acme.example>`. It stays as it is written."""

Mailboxes = Annotated[
    list[Mailbox], BeforeValidator(as_list, json_schema_input_type=str | list[str]), Field(max_length=100)
]
"""A list of them, or one."""

BareAddress = Annotated[str, Field(max_length=addresses.LONGEST_TEXT), AfterValidator(_address)]
"""An address without a name, as it goes over the wire: a domain outside ASCII in its ASCII form."""
