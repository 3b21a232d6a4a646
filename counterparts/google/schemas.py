"""`schemas` of the Directory API: custom fields of users.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-schemas
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from counterparts.google import ids
from counterparts.google.customer import require
from counterparts.google.failures import duplicate, invalid, not_found
from counterparts.google.merging import without_nulls
from counterparts.google.profiles import FIELD_TYPES
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = "schemas"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def list_(request: Request, store: Store, customer_id: str) -> Response:
    del request
    require(store, customer_id)
    return answer({"kind": "admin#directory#schemas", "schemas": [_view(each) for each in store.all(KIND)]})


def get(request: Request, store: Store, customer_id: str, schema_key: str) -> Response:
    del request
    return answer(_view(_the(store, customer_id, schema_key)))


def insert(request: Request, store: Store, customer_id: str) -> Response:
    require(store, customer_id)
    given = without_nulls(request.json)
    if any(each["schemaName"] == given["schemaName"] for each in store.all(KIND)):
        raise duplicate()
    identity = ids.opaque()
    schema = {
        "schemaId": identity,
        "schemaName": _named(given["schemaName"]),
        "displayName": given["displayName"],
        "fields": [_field(each, {}) for each in given["fields"]],
    }
    return answer(_view(store.put(KIND, identity, schema)))


def update(request: Request, store: Store, customer_id: str, schema_key: str) -> Response:
    """A field that is named no more goes, with its values."""
    schema = _the(store, customer_id, schema_key)
    known = {each["fieldName"]: each for each in schema["fields"]}
    given = without_nulls(request.json)
    if not all(each.get("fieldName") and each.get("fieldType") for each in given.get("fields", ())):
        raise invalid("fields")
    new = {
        **schema,
        "displayName": given.get("displayName", schema["displayName"]),
        "fields": [
            _field(each, known.get(each["fieldName"], {})) for each in given.get("fields", known.values())
        ],
    }
    _take_values(store, schema["schemaName"], {each["fieldName"] for each in new["fields"]})
    return answer(_view(store.put(KIND, schema["schemaId"], new)))


def delete(request: Request, store: Store, customer_id: str, schema_key: str) -> Response:
    del request
    schema = _the(store, customer_id, schema_key)
    _take_values(store, schema["schemaName"], set())
    store.remove(KIND, schema["schemaId"])
    return answer(None, 204)


def _the(store: Store, customer: str, key: str) -> Document:
    require(store, customer)
    found = store.get(KIND, key)
    found = found or next((each for each in store.all(KIND) if each["schemaName"] == key), None)
    if found is None:
        raise not_found("schemaKey")
    return found


def _field(given: Json, old: Mapping[str, Any]) -> Json:
    if given["fieldType"] not in FIELD_TYPES:
        raise invalid("field_type")
    return {
        "kind": "admin#directory#schema#fieldspec",
        "fieldId": old.get("fieldId") or ids.opaque(),
        "fieldName": _named(given["fieldName"]),
        "fieldType": given["fieldType"],
        "displayName": given.get("displayName") or given["fieldName"],
        "multiValued": given.get("multiValued", False),
        "indexed": given.get("indexed", True),
        "readAccessType": given.get("readAccessType", "ALL_DOMAIN_USERS"),
    }


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise invalid("custom_schema")
    return name


def _take_values(store: Store, name: str, kept: set[str]) -> None:
    for user in store.all("users"):
        values = user.get("customSchemas", {})
        if name in values:
            left = {field: value for field, value in values[name].items() if field in kept}
            others = {each: value for each, value in values.items() if each != name}
            store.change("users", user["id"], customSchemas={**others, **({name: left} if left else {})})


def _view(schema: Document) -> Json:
    shown = {"kind": "admin#directory#schema", **schema}
    return {**shown, "etag": ids.etag(shown)}
