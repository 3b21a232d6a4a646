"""What goes to Google and what comes back, without a Workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from googleapiclient.discovery_cache import DISCOVERY_DOC_DIR

from counterparts.google import user_query
from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import AccountChange
from officeflow.connectors.google import query, reading, scopes, services, skus, writing
from officeflow.connectors.google.errors import NotGoogle, refusal
from officeflow.connectors.google.identity import Identity, identity
from officeflow.connectors.google.pages import MAX_EMPTY, pages
from officeflow.connectors.google.types import User, valid
from officeflow.connectors.opening import open_provider
from officeflow.errors import (
    Conflict,
    ConnectorError,
    InvalidInput,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)

WRITE = Call(provider="google", operation="create_account", writes=True)
READ = WRITE.reading()
NUMBER = Identity(type="organization")


def answered(status: int, body: Any, method: str = "POST", **headers: str) -> httpx.Response:
    request = httpx.Request(method, "https://admin.googleapis.com/x")
    return httpx.Response(status, json=body, headers=headers, request=request)


def said(reason: str, message: str = "so it is") -> dict[str, Any]:
    return {"error": {"message": message, "errors": [{"reason": reason}]}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, said("invalid"), Rejected),
        (400, said("failedPrecondition"), Rejected),
        (401, said("authError"), Unauthorized),
        (403, said("forbidden"), Unauthorized),
        (403, said("insufficientPermissions"), Unauthorized),
        (403, said("quotaExceeded"), RateLimited),
        (403, said("rateLimitExceeded"), RateLimited),
        (403, {"error": {"status": "PERMISSION_DENIED"}}, Unauthorized),
        (404, said("notFound"), NotFound),
        (409, said("duplicate"), Conflict),
        (412, said("conditionNotMet"), Rejected),
        (412, None, Conflict),
        (429, said("rateLimitExceeded"), RateLimited),
        (503, said("backendError"), Transient),
        (404, ["odd"], NotFound),
        (403, {"error": "text"}, Unauthorized),
    ],
)
def test_refusals_are_told_apart_by_status_and_reason(
    status: int, body: Any, kind: type[ConnectorError]
) -> None:
    error = refusal(answered(status, body), WRITE)
    assert type(error) is kind
    assert error.status == status
    assert error.maybe_done is (status in {429, 503})


def test_a_limit_says_how_long_to_wait() -> None:
    error = refusal(answered(403, said("userRateLimitExceeded"), **{"Retry-After": "17"}), WRITE)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 17.0


def test_a_secret_that_google_repeats_is_not_told() -> None:
    error = refusal(answered(400, said("invalid", "bad: hunter2!")), WRITE, hides=["hunter2!"])
    assert error.message == "google answered 400 to create_account: bad: *** (invalid)"


def test_only_googles_own_word_says_that_something_is_not_there() -> None:
    assert type(refusal(answered(404, {}, "GET"), READ)) is NotGoogle
    assert type(refusal(answered(404, said("notFound"), "GET"), READ)) is NotFound


@pytest.mark.parametrize("value", ["o'brien", "back\\", "\\'", "' isAdmin=true", "a b*", "😀", '"'])
def test_no_value_ends_its_clause(value: str) -> None:
    (clause,) = user_query.parse(query.equals(externalId=value))
    assert (clause.field, clause.operator, clause.value, clause.prefix) == ("externalId", "=", value, False)


def listing(*answers: Mapping[str, Any]) -> list[list[Any]]:
    left = list(answers)
    return list(pages(lambda token: left.pop(0), "users", READ))


def test_a_list_is_read_past_an_empty_page_to_its_end() -> None:
    first, empty = {"users": [1], "nextPageToken": "b"}, {"nextPageToken": "b"}
    assert listing(first, empty, {"users": [2]}) == [[1], [], [2]]
    assert listing(first, {"users": [], "nextPageToken": "c"}, {"users": [2]}) == [[1], [], [2]]


def test_a_list_that_comes_round_or_never_ends_is_rejected() -> None:
    ring = [{"users": [n], "nextPageToken": token} for n, token in enumerate("abab")]
    with pytest.raises(Rejected, match="circle"):
        listing(*ring)
    with pytest.raises(Rejected, match="circle"):
        listing(*({"users": [], "nextPageToken": "a"} for _ in range(MAX_EMPTY + 2)))


@pytest.mark.parametrize("answer", [{"users": {"a": 1}}, {"users": [], "nextPageToken": 7}])
def test_a_list_of_another_shape_is_not_googles(answer: Mapping[str, Any]) -> None:
    with pytest.raises(NotGoogle):
        listing(answer)


def user(**fields: Any) -> User:
    return valid(User, {"id": "1", "primaryEmail": "ana@acme.example", **fields}, READ)


def test_what_describes_is_read_leniently_and_what_identifies_is_not() -> None:
    odd = user(suspended="True", name="Ana", phones={"a": 1}, creationTime="yesterday", archived="false")
    account = reading.account(odd, NUMBER)
    assert (account.active, account.given_name, account.phone, account.created_at) == (
        False,
        None,
        None,
        None,
    )
    for wrong in ({"id": ""}, {"primaryEmail": None}, {"suspended": "perhaps"}, {"externalIds": "1001"}):
        with pytest.raises(NotGoogle) as caught:
            user(**wrong)
        assert "perhaps" not in caught.value.message


def test_lists_are_sent_whole_with_what_they_held() -> None:
    before = user(
        externalIds=[{"type": "login_id", "value": "ap"}, {"type": "organization", "value": "1"}],
        organizations=[
            {"name": "Other"},
            {"primary": True, "title": "Old", "costCenter": "C", "symbol": "S"},
        ],
        phones=[{"type": "home", "value": "1"}, {"type": "work", "value": "2"}],
        emails=[{"address": "ana@acme.example", "primary": True}, {"address": "a@b.example", "type": "home"}],
    )
    change = AccountChange(external_id="7", title="New", phone="3", email="x@y.example")
    assert writing.changed(before, change, NUMBER, {}) == {
        "externalIds": [{"type": "login_id", "value": "ap"}, {"type": "organization", "value": "7"}],
        "organizations": [
            {"primary": True, "title": "New", "costCenter": "C", "symbol": "S"},
            {"name": "Other"},
        ],
        "phones": [{"type": "home", "value": "1"}, {"type": "work", "value": "3"}],
        "emails": [{"address": "a@b.example", "type": "home"}, {"address": "x@y.example", "type": "work"}],
    }
    emptied = writing.changed(before, AccountChange(external_id="", phone=""), NUMBER, {})
    assert emptied == {
        "externalIds": [{"type": "login_id", "value": "ap"}],
        "phones": [{"type": "home", "value": "1"}],
    }
    assert writing.changed(before, AccountChange(), NUMBER, {}) == {}


def test_passwords_are_never_the_same_and_fulfil_every_rule() -> None:
    made = {writing.password() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        assert 16 <= len(each) <= 100
        assert each.isascii()
        assert any(c.islower() for c in each)
        assert any(c.isupper() for c in each)
        assert any(c.isdigit() for c in each)
        assert not each.isalnum()


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/admin/directory/v1/users", scopes.USER),
        ("/admin/directory/v1/users/tokens", scopes.USER),
        ("/admin/directory/v1/users/1/aliases/tokens", scopes.USER),
        ("/gateway/admin/directory/v1/users/1/tokens/x", scopes.SECURITY),
        ("/admin/directory/v1/groups/1/members/2", scopes.GROUP),
        ("/admin/directory/v1/customer/my_customer/orgunits/users", scopes.UNIT),
        ("/admin/directory/v1/customer/my_customer/roleassignments", scopes.ROLE),
        ("/admin/datatransfer/v1/transfers", scopes.TRANSFER),
        ("/apps/licensing/v1/product/a/sku/b/user", scopes.LICENSING),
    ],
)
def test_each_request_asks_for_the_scope_that_it_needs(path: str, scope: str) -> None:
    assert scopes.scope_of(path) == scope


def test_identities_have_a_place_that_can_be_named() -> None:
    assert identity("HR.number", mark="", source="x").queried == "HR.number"
    assert identity("login_id", mark="m", source="x").kept("7") == "m:7"
    for wrong in ("", "number", "a.b.c", ".x", "x."):
        with pytest.raises(InvalidInput):
            identity(wrong, mark="", source="connection acme.x, identity")


def test_licences_are_known_by_name_and_every_sku_once() -> None:
    assert len({sku.path for sku in skus.KNOWN}) == len({sku.name for sku in skus.KNOWN}) == len(skus.KNOWN)
    found = skus.skus_of("google vault, 101099/1010990001", source="x")
    assert [sku.path for sku in found] == ["Google-Vault/Google-Vault", "101099/1010990001"]
    for wrong in ("a/b/c", "../x", "Wave"):
        with pytest.raises(InvalidInput):
            skus.skus_of(wrong, source="x")


def test_every_api_is_asked_where_google_has_it_and_nowhere_else() -> None:
    for api, address in services.HOSTS.items():
        described = json.loads((Path(DISCOVERY_DOC_DIR) / f"{api}.json").read_text())
        assert described["rootUrl"] == f"{address}/"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {"type": "service_account", "client_email": "x@y.example", "private_key_id": "1"}
    known = Connection(
        id="acme.google",
        provider="google",
        login="admin@acme.example",
        password=json.dumps({**account, "private_key": key.decode()}),
    )
    with closing(open_provider(known, correlation_id="", family=Family.IDENTITY)) as client:
        assert client.address == "https://admin.googleapis.com"
        for address in services.HOSTS.values():
            assert client.http.resolve(f"{address}/x", READ) == f"{address}/x"
        with pytest.raises(Rejected):
            client.http.resolve("https://www.googleapis.com/x", READ)


def test_googles_library_is_loaded_when_a_request_is_made_and_not_before() -> None:
    code = (
        "import sys, officeflow.connectors.google.client;"
        "print([n for n in sys.modules if n.startswith(('googleapiclient', 'httplib2', 'google.auth'))])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == []
