"""How a connector is told where its system is and who it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An Airflow connection, in the terms that Airflow uses. `id` is `<org slug>.<name>`; `provider` is its connection type.

    `repr` never shows `password` or `extra`, which may hold secrets.
    """

    id: str
    provider: str
    host: str | None = None
    port: int | None = None
    schema: str | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
