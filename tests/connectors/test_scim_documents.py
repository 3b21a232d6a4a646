"""What is sent to SCIM servers, and what they send, without one."""

from __future__ import annotations

import pytest
from scim2_models import Context, EnterpriseUser, PatchOp, User

from officeflow.connectors.families.identity import Account, NewAccount
from officeflow.connectors.scim import edits, reading, types

ANA = NewAccount(
    login="ana@acme.example",
    external_id="1001",
    given_name="Ana",
    family_name="Pérez",
    email="ana@acme.example",
    title="Engineer",
    department="Engineering",
    attributes={"employeeNumber": "1001", "preferredLanguage": "es"},
)


class TestRequestsAgainstTheStandardsModels:
    """scim2-models knows RFC 7643 and 7644; it reads what we would send."""

    def test_a_new_user_is_a_valid_creation_request(self) -> None:
        sent = types.new_user(ANA)
        User[EnterpriseUser].model_validate(sent, scim_ctx=Context.RESOURCE_CREATION_REQUEST)

    @pytest.mark.parametrize("value_only", [False, True])
    def test_patches_are_valid(self, value_only: bool) -> None:
        wished = [
            edits.Edit(("active",), False),
            edits.Edit(("name", "givenName"), "Ana"),
            edits.Edit(("title",), None),
            edits.Edit(("department",), "Sales", reading.ENTERPRISE),
            edits.Edit(("manager",), {"value": "7"}, reading.ENTERPRISE),
        ]
        PatchOp[User[EnterpriseUser]].model_validate(
            edits.patch(wished, value_only=value_only), scim_ctx=Context.RESOURCE_PATCH_REQUEST
        )


class TestWhatServersSend:
    def test_active_may_be_a_word(self) -> None:
        assert (
            types.User.model_validate({"id": "1", "userName": "a", "active": "False"}).account([]).active
            is False
        )

    def test_a_user_without_active_is_active(self) -> None:
        assert types.User.model_validate({"id": "1", "userName": "a"}).account([]) == Account(
            id="1", login="a", active=True, active_told=False
        )

    def test_the_primary_address_counts(self) -> None:
        mails = [{"value": "home@x.example"}, {"value": "work@x.example", "primary": True}]
        assert (
            types.User.model_validate({"id": "1", "userName": "a", "emails": mails}).account([]).email
            == "work@x.example"
        )

    @pytest.mark.parametrize(
        ("created", "known"),
        [("2026-01-01T10:00:00Z", True), ("2026-01-01T10:00:00", False), ("yesterday", False), (None, False)],
    )
    def test_a_time_that_is_no_moment_is_not_known(self, created: str | None, known: bool) -> None:
        account = types.User.model_validate(
            {"id": "1", "userName": "a", "meta": {"created": created}}
        ).account([])
        assert (account.created_at is not None) is known

    def test_an_attribute_of_any_extension_may_be_named_in_full(self) -> None:
        sent = types.new_user(NewAccount(login="a", attributes={"urn:acme:2.0:User:badge": "7"}))
        assert sent["urn:acme:2.0:User"] == {"badge": "7"}
        assert sent["schemas"] == [reading.USER, "urn:acme:2.0:User"]
