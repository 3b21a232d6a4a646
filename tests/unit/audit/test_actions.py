from __future__ import annotations

import re

import pytest

from officeflow.audit.actions import EARLIER_NAMES, AuditAction, names_of, organization_subject, subjects_of
from officeflow.audit.entry import reason
from officeflow.errors import InvalidInput
from officeflow.layout import ROOT


@pytest.mark.parametrize("action", AuditAction)
def test_an_action_names_its_thing_and_what_was_done(action: AuditAction) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", action)
    assert action.value == action.name.lower().replace("_", ".", 1)


def test_an_earlier_name_is_given_to_nothing_else() -> None:
    assert not set(EARLIER_NAMES) & set(AuditAction)


@pytest.mark.parametrize("name", ["org.create", "organization.created"])
def test_an_action_is_found_under_all_its_names(name: str) -> None:
    assert names_of(name) == ["organization.created", "org.create"]


@pytest.mark.parametrize("action", AuditAction)
def test_the_page_of_the_audit_log_has_every_action(action: AuditAction) -> None:
    page = ROOT / "docs" / "audit.md"
    assert f"`{action}`" in page.read_text(encoding="utf-8")


def test_words_of_a_workflow_are_themselves() -> None:
    assert names_of("onboarding.completed") == ["onboarding.completed"]
    assert subjects_of("workflow:org:acme") == ["workflow:org:acme"]


@pytest.mark.parametrize("subject", ["org:acme", organization_subject("acme")])
def test_an_organization_is_found_under_both_its_subjects(subject: str) -> None:
    assert subjects_of(subject) == ["organization:acme", "org:acme"]


def test_a_reason_says_something() -> None:
    assert reason("  the HR system was down\n") == "the HR system was down"
    with pytest.raises(InvalidInput, match="the reason is empty"):
        reason(" \n")
