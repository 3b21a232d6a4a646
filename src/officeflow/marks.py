"""What the JSON Schema of a field says beside its type: the designer and the documents see it too."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

SENSITIVE_MARK = "x-sensitive"
"""The value is a secret, or a person's private matter."""

Sensitive: Any = Field(json_schema_extra={SENSITIVE_MARK: True})
"""Marks a field so: `password: Annotated[str, Sensitive]`.

Of a node's parameter or output the value is never logged, and masked wherever it is shown. Of an event's
payload it is encrypted at rest, and never shown in logs, DAG runs or the audit log.
"""


def is_sensitive(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get(SENSITIVE_MARK))
