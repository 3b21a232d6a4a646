"""What a node masks of a person's sensitive fields."""

from __future__ import annotations

from officeflow.runner.masking import mask_of
from officeflow.runner.telling import telling


def test_what_is_public_as_well_and_ordinary_words_of_unnamed_fields_are_not_masked() -> None:
    """Else a record would not say whom it is about."""
    sensitive = {
        "personal_email": "ana@home.example",
        "sin": "4711",
        "employeeNumber": "E1042-2026",
        "country": "Germany",
        "hireYear": 2026,
        "isManager": True,
        "ext1": "DE89370400440532013000",
        "contact": {"homePhone": "12345", "room": "B1"},
    }
    found = telling(sensitive, ["E1042-2026"])
    assert found == ["ana@home.example", "4711", "DE89370400440532013000", "12345", "B1"]
    told = mask_of(found).text(
        "employee:E1042-2026 in Germany, 2026-12-01, ana@home.example, DE89370400440532013000"
    )
    assert told == "employee:E1042-2026 in Germany, 2026-12-01, ***, ***"
