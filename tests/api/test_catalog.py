"""Node types, providers and templates over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from officeflow.catalog.registry import type_names
from officeflow.catalog.schemas import catalog
from officeflow.connectors.providers import providers
from officeflow.rights.permissions import Role
from officeflow.workflows import templates, validation

pytestmark = pytest.mark.integration
Header = dict[str, str]


@pytest.fixture
def viewer(as_role: Callable[[Role], Header]) -> Header:
    return as_role(Role.VIEWER)


def test_all_node_types_are_there_with_their_schemas(anybody: TestClient, viewer: Header) -> None:
    items = anybody.get("/node-types", headers=viewer).json()["items"]
    assert [each["type"] for each in items] == list(type_names())
    assert items == list(catalog().values())
    for each in items:
        Draft202012Validator.check_schema(each["params"])
        Draft202012Validator.check_schema(each["output"])
    assert anybody.get("/node-types/email.send", headers=viewer).json() in items
    near = anybody.get("/node-types/email.sent", headers=viewer).json()
    assert (near["status"], "email.send" in near["hint"]) == (404, True)


@pytest.mark.parametrize("path", ["/node-types", "/node-types/email.send", "/providers"])
def test_who_has_an_answer_is_not_sent_it_again(anybody: TestClient, viewer: Header, path: str) -> None:
    packed = anybody.get(path, headers=viewer | {"Accept-Encoding": "gzip"})
    plain = anybody.get(path, headers=viewer | {"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.json() == plain.json()
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["cache-control"] == "private, max-age=60"
    again = anybody.get(path, headers=viewer | {"If-None-Match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_provider_tells_the_fields_of_its_connections(anybody: TestClient, viewer: Header) -> None:
    items = anybody.get("/providers", headers=viewer).json()["items"]
    assert [each["name"] for each in items] == list(providers())
    (scim,) = [each for each in items if each["name"] == "scim"]
    assert scim["families"] == ["identity"]
    (token,) = [each for each in scim["fields"] if each["name"] == "token"]
    assert (token["secret"], token["credential"]) == (True, True)


def test_every_template_can_be_published(anybody: TestClient, viewer: Header) -> None:
    items = anybody.get("/templates", headers=viewer).json()["items"]
    assert [each["name"] for each in items] == sorted(path.stem for path in templates.FOLDER.glob("*.json"))
    connections = {
        "directory": "scim",
        "mail": "smtp",
        "calendar": "caldav",
        "hris": "http",
        "gateway": "http",
    }
    for each in items:
        shown = anybody.get(f"/templates/{each['name']}", headers=viewer).json()
        assert {name: shown[name] for name in each} == each
        assert validation.validate(shown["definition"], lambda: connections) == []
        assert set(each["connections"]) <= set(connections)
    assert anybody.get("/templates/../../pyproject", headers=viewer).status_code == 404
    assert anybody.get("/templates/hire-undon", headers=viewer).json()["hint"] == "did you mean hire-undone?"
