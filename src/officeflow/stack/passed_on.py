"""Variables that the person who calls `up` has set for the processes; `officeflow.stack.calling` finds
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PassedOn:
    """By whom it is for.

    `settings` are for every process of ours and for the commands that people call, `airflow` for Airflow's
    processes, `network` for theirs and ours; commands have what their caller has. `code` holds, under the
    name of a setting, what changes with the code that it names.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    airflow: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: Mapping[str, str] = field(default_factory=dict, repr=False)
    code: Mapping[str, str] = field(default_factory=dict)

    @property
    def for_processes(self) -> dict[str, str]:
        """What processes of ours get beside the settings."""
        return {**self.network, **{f"{name}_DIGEST": digest for name, digest in self.code.items()}}

    @property
    def all(self) -> dict[str, str]:
        """By name, for people and for comparing."""
        return {
            **self.network,
            **self.airflow,
            **self.settings,
            **{f"the code of {name}": digest for name, digest in self.code.items()},
        }

    def differences(self, before: Mapping[str, str]) -> list[str]:
        """What became of each variable since a start with `before`, for people: names, no values."""
        now = self.all
        changed = (name for name in sorted(now) if before.get(name) != now[name])
        return [
            *(f"{name} {'changed' if name in before else 'is new'}" for name in changed),
            *(f"{name} is not set any more" for name in sorted(set(before) - set(now))),
        ]
