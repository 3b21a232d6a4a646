"""What Google sells by the seat: products and SKUs, with the names that people know.

https://developers.google.com/workspace/admin/licensing/v1/how-tos/products
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from officeflow.errors import InvalidInput

IDENTIFIER = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Sku:
    product: str
    id: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.product}/{self.id}"

    def is_called(self, text: str) -> bool:
        return text.casefold() in {self.name.casefold(), self.id.casefold(), self.path.casefold()}


_WORKSPACE = {
    "1010020027": "Google Workspace Business Starter",
    "1010020028": "Google Workspace Business Standard",
    "1010020025": "Google Workspace Business Plus",
    "1010060003": "Google Workspace Enterprise Essentials",
    "1010060005": "Google Workspace Enterprise Essentials Plus",
    "1010020029": "Google Workspace Enterprise Starter",
    "1010020026": "Google Workspace Enterprise Standard",
    "1010020020": "Google Workspace Enterprise Plus",
    "1010060001": "Google Workspace Essentials",
    "1010020030": "Google Workspace Frontline Starter",
    "1010020031": "Google Workspace Frontline Standard",
    "1010020034": "Google Workspace Frontline Plus",
    "1010020035": "Google Workspace Business Continuity",
    "1010020036": "Google Workspace Business Continuity Plus",
    "Google-Apps-Unlimited": "G Suite Business",
    "Google-Apps-For-Business": "G Suite Basic",
    "Google-Apps-Lite": "G Suite Lite",
    "Google-Apps-For-Education": "Google Workspace for Education Fundamentals",
}
_OTHERS = {
    "101031": {
        "1010310005": "Google Workspace for Education Standard",
        "1010310006": "Google Workspace for Education Standard (Staff)",
        "1010310008": "Google Workspace for Education Plus",
        "1010310009": "Google Workspace for Education Plus (Staff)",
    },
    "101033": {
        "1010330003": "Google Voice Starter",
        "1010330004": "Google Voice Standard",
        "1010330002": "Google Voice Premier",
    },
    "101034": {
        "1010340003": "Google Workspace Business Plus - Archived User",
        "1010340004": "Google Workspace Enterprise Standard - Archived User",
        "1010340005": "Google Workspace Business Starter - Archived User",
        "1010340006": "Google Workspace Business Standard - Archived User",
    },
    "101001": {"1010010001": "Cloud Identity"},
    "101005": {"1010050001": "Cloud Identity Premium"},
    "101043": {"1010430001": "Google Workspace Additional Storage"},
    "101047": {
        "1010470006": "Gemini Security",
        "1010470007": "Gemini Meet",
        "1010470008": "Google AI Ultra for Business",
    },
    "Google-Vault": {"Google-Vault": "Google Vault"},
}
KNOWN = tuple(
    Sku(product, identifier, name)
    for product, names in {"Google-Apps": _WORKSPACE, **_OTHERS}.items()
    for identifier, name in names.items()
)


def skus_of(text: str, *, source: str) -> Sequence[Sku]:
    """A list such as `Google-Apps/1010020028, Google Vault`: `product/SKU`, or a name or SKU that is known.

    `InvalidInput` names the entry that is none.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [found for part in parts for found in [named(part) or _unknown(part, source)]]


def named(text: str) -> Sku | None:
    """The known one; one that is not known by its `product/SKU`."""
    for each in KNOWN:
        if each.is_called(text.strip()):
            return each
    product, _, identifier = text.strip().partition("/")
    if IDENTIFIER.fullmatch(product) and IDENTIFIER.fullmatch(identifier):
        return Sku(product, identifier, text.strip())
    return None


def _unknown(text: str, source: str) -> Sku:
    raise InvalidInput(
        f"{source}: {text!r} is no licence that is known",
        hint="write product/SKU by Google's page of products and SKUs: Google-Apps/1010020028",
    )
