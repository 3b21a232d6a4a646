"""How the answers of several people become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from officeflow.statuses import DecisionRule


@dataclass(frozen=True, slots=True)
class Count:
    """Of one request: the choices of those who have answered, and how many may answer still."""

    choices: Sequence[str]
    open: int

    def yes(self, options: Sequence[str]) -> int:
        return sum(choice == options[0] for choice in self.choices)


def decision(rule: DecisionRule, needed: int, options: Sequence[str], count: Count) -> str:
    """The option that they have decided for; "" while they have not. The first option is the yes."""
    if not count.choices:
        return ""
    no = next((choice for choice in count.choices if choice != options[0]), "")
    match rule:
        case DecisionRule.ANY:
            return count.choices[0]
        case DecisionRule.ALL:
            return no or ("" if count.open else options[0])
        case DecisionRule.N:
            yes = count.yes(options)
            if yes >= needed:
                return options[0]
            return no if yes + count.open < needed else ""
