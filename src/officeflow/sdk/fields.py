"""Marks for the fields of a node's parameters.

They stand in the JSON Schema, so the designer and the documents see them too.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from officeflow.marks import Sensitive
from officeflow.sdk.places import CONDITION, TEMPLATE_MARK, URL

__all__ = [
    "TEMPLATE_MARK",
    "Condition",
    "HtmlTemplate",
    "Sensitive",
    "TextTemplate",
    "UrlTemplate",
    "as_list",
]

TextTemplate = Annotated[str, Field(json_schema_extra={TEMPLATE_MARK: "text"})]
"""A Jinja template (sandboxed) of plain text, rendered with `event`, `employee`, `nodes`, `org` and `run`
before the act.
"""

HtmlTemplate = Annotated[str, Field(json_schema_extra={TEMPLATE_MARK: "html"})]
"""The same for HTML: every value is escaped."""

UrlTemplate = Annotated[str, Field(json_schema_extra={TEMPLATE_MARK: URL})]
"""The same for an address: a value that holds a character with a meaning there is refused unless it went
through `urlencode`.
"""

Condition = Annotated[str, Field(min_length=1, max_length=4096, json_schema_extra={TEMPLATE_MARK: CONDITION})]
"""A condition in CEL, as an edge has it.

It reaches the node as it is written, which tests it with `act.values` when it has to.
"""


def as_list(value: object) -> object:
    """Before validation: one text may stand for a list of one."""
    return [value] if isinstance(value, str) else value
