"""What goes to a Keycloak and what comes from it, without one."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from pydantic import ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import AccountChange, NewAccount, OidcSettings
from officeflow.connectors.keycloak import passwords, rights
from officeflow.connectors.keycloak.changes import LATE, Mark
from officeflow.connectors.keycloak.documents import Documents, body_of, not_writable, quoted
from officeflow.connectors.keycloak.errors import refusal
from officeflow.connectors.keycloak.mappers import mapper, sources
from officeflow.connectors.keycloak.provider import PROVIDER
from officeflow.connectors.keycloak.realm import Realm, path_of, read_as, searchable
from officeflow.connectors.keycloak.sso import wire
from officeflow.connectors.keycloak.types import ClientApplication, Event, Mapper, Profile, User
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)

CALL = Call(provider="keycloak", operation="update_account", writes=True)
USER = {"id": "1", "username": "ana", "enabled": True, "attributes": {"a": ["1", "2"], "b": ["x"]}}


def user(**changes: object) -> User:
    return User.model_validate({**USER, **changes})


def test_what_describes_may_be_wrong_and_what_identifies_may_not() -> None:
    odd = user(enabled="False", email=7, createdTimestamp="soon", attributes={"a": "1"}, requiredActions=None)
    account = Documents().account(odd)
    assert (account.active, account.email, account.created_at, account.attributes) == (
        False,
        None,
        None,
        {"a": "1"},
    )
    untold = Documents().account(user(enabled=None))
    assert (untold.active, untold.active_told) == (True, False)
    for wrong in (
        {"id": ""},
        {"id": 7},
        {"username": None},
        {"enabled": "perhaps"},
        {"attributes": {"a": 7}},
    ):
        with pytest.raises(ValidationError):
            user(**wrong)


def test_a_change_of_attributes_takes_everything_with_it_and_another_change_itself_alone() -> None:
    there = user(email="ana@acme.example", firstName="Ana", emailVerified=True)
    documents = Documents()

    def body(**changes: object) -> dict[str, object]:
        return body_of(documents.wish(AccountChange(**changes), CALL), there)  # type: ignore[arg-type]

    assert body(given_name="Anna") == {"firstName": "Anna"}
    assert body(given_name="Ana", email="ANA@acme.example", attributes={"a": "1, 2"}) == {}
    assert body(family_name="", attributes={"emailVerified": "false"}) == {"emailVerified": False}
    assert body(title="Lead", attributes={"b": ""}) == {
        "username": "ana",
        "firstName": "Ana",
        "email": "ana@acme.example",
        "attributes": {"a": ["1", "2"], "title": ["Lead"]},
    }
    assert body(attributes={"requiredActions": " UPDATE_PASSWORD, VERIFY_EMAIL "}) == {
        "requiredActions": ["UPDATE_PASSWORD", "VERIFY_EMAIL"]
    }


@pytest.mark.parametrize("name", ["username", "enabled", "email", "employeeNumber"])
def test_what_has_a_field_of_its_own_is_no_further_attribute(name: str) -> None:
    with pytest.raises(Rejected, match=name):
        Documents().wish(AccountChange(attributes={name: "x"}), CALL)
    with pytest.raises(Rejected, match="organizational units"):
        Documents().wish(NewAccount(login="ana", unit="/Sales"), CALL)


def test_an_attribute_is_writable_by_the_profiles_word() -> None:
    told = [
        {"name": "title", "permissions": {"edit": ["admin"]}},
        {"name": "badge", "permissions": {"view": ["admin"], "edit": ["user"]}},
    ]
    for policy, barred in ((None, ["badge", "x"]), ("ADMIN_VIEW", ["badge", "x"]), ("ADMIN_EDIT", ["badge"])):
        profile = Profile.model_validate({"attributes": told, "unmanagedAttributePolicy": policy})
        assert not_writable(profile, ["title", "badge", "x"]) == barred


def test_a_value_cannot_end_what_it_stands_in() -> None:
    assert quoted('a" "b":"c') == '"a\\" \\"b\\":\\"c"'
    assert path_of("users", "../clients?x#y") == "users/..%2Fclients%3Fx%23y"
    assert searchable("50%_of\\all") == "all"


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, {"errorMessage": "error-invalid-length", "field": "username"}, Rejected, "username: error-"),
        (
            400,
            {"errors": [{"errorMessage": "error-user-attribute-required", "field": "email"}]},
            Rejected,
            "email",
        ),
        (
            400,
            {"error": "invalidPasswordMinLengthMessage", "error_description": "s3cret"},
            Rejected,
            "invalidP",
        ),
        (403, {"error": "HTTP 403 Forbidden"}, Unauthorized, "403"),
        (404, {"error": "User not found"}, NotFound, "404"),
        (409, {"errorMessage": "User exists with same username"}, Conflict, "409"),
        (429, [], RateLimited, "429"),
        (500, {"error": "unknown_error"}, Transient, "unknown_error"),
        (400, "s3cret", Rejected, "400"),
    ],
)
def test_a_refusal_is_told_by_status_and_code(
    status: int, body: object, kind: type[ConnectorError], words: str
) -> None:
    request = httpx.Request("PUT", "https://id.acme.example")
    answer = httpx.Response(status, content=json.dumps(body).encode(), request=request)
    found = refusal(answer, CALL, codes_alone=True)
    assert type(found) is kind
    assert words in found.message
    assert "s3cret" not in found.message


@pytest.mark.parametrize(
    "body", [b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"secret": "s3cret"}', b'[{"id": "s3cret"}]']
)
def test_an_answer_of_another_shape_is_rejected_and_not_shown(body: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        read_as(httpx.Response(200, content=body), User, CALL)
    assert caught.value.maybe_done
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    "bearer", ["", "Bearer x", "Bearer a.b.c", "Bearer a.W10.c", "Bearer a.eyJhIjoxfQ.c"]
)
def test_a_token_that_tells_nothing_of_roles_leaves_them_open(bearer: str) -> None:
    realm = Realm(http=None, name="acme", client_realm="acme", _bearer=bearer)  # type: ignore[arg-type]
    assert realm.claims().roles is None
    realm.must_see_users(CALL)
    assert "Bearer" not in repr(realm)


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "length(30) and digits(4)",
        "maxLength(12) and upperCase(3)",
        "upperCase(20) and specialChars(20)",
        "x",
    ],
)
def test_a_password_that_we_make_fits_what_the_realm_wants(policy: str) -> None:
    made, told = passwords.made(policy), passwords.limits(policy)
    assert told.get("length", 12) <= len(made) <= told.get("maxLength", 64)
    for name, signs in (("digits", r"\d"), ("upperCase", "[A-Z]"), ("specialChars", r"\W|_")):
        assert len(re.findall(signs, made)) >= max(1, told.get(name, 0))
    assert passwords.made(policy) != made


def test_a_mark_knows_what_was_read_and_waits_for_what_is_late() -> None:
    events = [Event(id=f"{n:08}-0000-0000", time=n * 1000) for n in (20, 35, 40)]
    mark = Mark().after(events, ())
    assert (mark.time, [mark.has(event) for event in events]) == (40_000, [False, True, True])
    late = Event(id="late-event-id-1", time=40_000 - LATE)
    assert not mark.has(late)
    assert mark.after([late], events).time == mark.time


def test_every_claim_comes_back_with_its_source() -> None:
    wanted = {"a.b": "department", "c": "email", "d": "groups", "e": "roles"}
    for protocol in ("openid-connect", "saml"):
        made = [Mapper.model_validate(mapper(protocol, *each)) for each in wanted.items()]
        assert sources(protocol, made) == wanted


def test_a_new_claim_takes_no_other_mappers_name_and_a_changed_one_keeps_its_own() -> None:
    there = [
        {
            "id": "1",
            "name": "mail",
            "protocolMapper": "oidc-hardcoded-claim-mapper",
            "config": {"claim.name": "x"},
        },
        {"id": "2", "name": "post", **_without_name(mapper("openid-connect", "dept", "department"))},
    ]
    client = {"id": "1", "clientId": "wiki", "protocol": "openid-connect", "protocolMappers": there}
    settings = OidcSettings(redirect_urls=(), claims={"mail": "email", "dept": "unit"})
    made = wire(settings, ClientApplication.model_validate(client))["protocolMappers"]
    assert [(each.get("id"), each["name"]) for each in made] == [
        ("1", "mail"),
        ("2", "post"),
        (None, "mail 2"),
    ]
    assert made[0]["config"] == {"claim.name": "x"}
    assert made[1]["config"]["user.attribute"] == "unit"


def _without_name(made: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in made.items() if name != "name"}


def test_every_capability_has_the_roles_that_it_needs() -> None:
    assert frozenset(rights.NEEDED) == PROVIDER.services[0].capabilities
