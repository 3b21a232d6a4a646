"""What the gateway counts since it started, by source and what became of a delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

NOBODY = "-"
"""The source of what came for none that there is."""


class Fate(StrEnum):
    ACCEPTED = "accepted"
    """In Kafka."""
    SPOOLED = "spooled"
    """On disk, for Kafka."""
    QUARANTINED = "quarantined"
    IGNORED = "ignored"
    CHALLENGED = "challenged"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    """503: the sender is to try again."""


class Counters:
    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._told: Counter[tuple[str, str, str]] = Counter()

    def count(self, source: str, fate: Fate, reason: str = "") -> None:
        self._counts[source, fate.value, reason] += 1

    def totals(self) -> dict[str, int]:
        """By fate."""
        found: Counter[str] = Counter()
        for (_, fate, _), number in self._counts.items():
            found[fate] += number
        return dict(found)

    def refused_since(self) -> list[tuple[str, str, int]]:
        """What was refused since this was last asked: source, reason, how many."""
        news = [
            (source, reason, number - self._told[source, fate, reason])
            for (source, fate, reason), number in self._counts.items()
            if fate in {Fate.REFUSED, Fate.UNAVAILABLE} and number > self._told[source, fate, reason]
        ]
        self._told = Counter(self._counts)
        return news

    def prometheus(self) -> Iterator[str]:
        """Lines of its text format."""
        yield "# HELP officeflow_gateway_deliveries_total Deliveries, by what became of them."
        yield "# TYPE officeflow_gateway_deliveries_total counter"
        for (source, fate, reason), number in sorted(self._counts.items()):
            labels = f'source="{source}",fate="{fate}",reason="{reason}"'
            yield f"officeflow_gateway_deliveries_total{{{labels}}} {number}"
