"""`users` of the Directory API, with aliases and what ends a user's sessions."""

from __future__ import annotations

from typing import Any

from counterparts.google import addresses, holdings, ids, people, roles, sign_ins, user_query
from counterparts.google.customer import require
from counterparts.google.failures import invalid, not_found, refused
from counterparts.google.pages import page
from counterparts.google.partial import selected, selects
from counterparts.google.user_views import Views
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

ORDERS = {
    "email": lambda user: user["primaryEmail"],
    "givenName": lambda user: user["name"]["givenName"].casefold(),
    "familyName": lambda user: user["name"]["familyName"].casefold(),
}


def insert(request: Request, store: Store) -> Response:
    return answer(Views(store).of(people.create(store, request.json, request.clock.text())))


def get(request: Request, store: Store, user_key: str) -> Response:
    return answer(_views(request, store).of(people.the(store, user_key)))


def list_(request: Request, store: Store) -> Response:
    _demand_customer(request, store)
    views = _views(request, store)
    deleted = request.query.get("showDeleted", "").lower() == "true"
    found = store.all(people.DELETED if deleted else people.KIND)
    if domain := request.query.get("domain"):
        found = [user for user in found if user["primaryEmail"].endswith(f"@{domain.lower()}")]
    found = _queried(request, store, found, views)
    if order := request.query.get("orderBy"):
        backwards = request.query.get("sortOrder") == "DESCENDING"
        found = sorted(found, key=ORDERS[order], reverse=backwards)
    chunk, further = page(request, found, usual=100, most=500)
    tagged = selects(request, "users", "etag")
    users = {"users": [views.of(user, tagged=tagged) for user in chunk]} if chunk else {}
    listed = {"kind": "admin#directory#users", **users, **further}
    if selects(request, "etag"):
        listed["etag"] = ids.etag(users)
    return selected(request, listed)


def update(request: Request, store: Store, user_key: str) -> Response:
    user = people.the(store, user_key)
    return answer(
        Views(store).of(people.change(store, user, request.json, request.clock.text(), clears=True))
    )


def patch(request: Request, store: Store, user_key: str) -> Response:
    user = people.the(store, user_key)
    return answer(
        Views(store).of(people.change(store, user, request.json, request.clock.text(), clears=False))
    )


def delete(request: Request, store: Store, user_key: str) -> Response:
    people.delete(store, people.the(store, user_key), request.clock.text())
    return answer(None, 204)


def undelete(request: Request, store: Store, user_key: str) -> Response:
    people.undelete(store, user_key, request.json.get("orgUnitPath"), request.clock.text())
    return answer(None, 204)


def make_admin(request: Request, store: Store, user_key: str) -> Response:
    user = people.the(store, user_key)
    held = [
        each
        for each in store.all(holdings.ROLE_ASSIGNMENTS)
        if each["assignedTo"] == user["id"] and each["roleId"] == roles.SUPER_ADMIN
    ]
    if request.json["status"] and not held:
        roles.assign(store, roles.SUPER_ADMIN, user["id"])
    if not request.json["status"]:
        for each in held:
            store.remove(holdings.ROLE_ASSIGNMENTS, each["roleAssignmentId"])
    return answer(None, 204)


def sign_out(request: Request, store: Store, user_key: str) -> Response:
    del request
    sign_ins.end_sessions(store, people.the(store, user_key)["id"])
    return answer(None, 204)


def list_aliases(request: Request, store: Store, user_key: str) -> Response:
    del request
    user = people.the(store, user_key)
    return answer(aliases_view(user, user["primaryEmail"], "admin#directory#alias"))


def insert_alias(request: Request, store: Store, user_key: str) -> Response:
    user = people.the(store, user_key)
    alias = addresses.claimed(
        store, request.json.get("alias") or "", addresses.USERS, user["id"], what="alias"
    )
    store.change(people.KIND, user["id"], aliases=[*user["aliases"], alias])
    return answer(alias_view(user, user["primaryEmail"], alias, "admin#directory#alias"))


def delete_alias(request: Request, store: Store, user_key: str, alias: str) -> Response:
    del request
    user = people.the(store, user_key)
    if alias.lower() not in user["aliases"]:
        raise not_found("alias")
    addresses.free(store, alias)
    kept = [each for each in user["aliases"] if each != alias.lower()]
    store.change(people.KIND, user["id"], aliases=kept)
    return answer(None, 204)


def alias_view(owner: Document, address: str, alias: str, kind: str) -> dict[str, Any]:
    shown = {"kind": kind, "id": owner["id"], "primaryEmail": address, "alias": alias}
    return {**shown, "etag": ids.etag(shown)}


def aliases_view(owner: Document, address: str, kind: str) -> dict[str, Any]:
    shown = [alias_view(owner, address, alias, kind) for alias in owner["aliases"]]
    return {"kind": "admin#directory#aliases", **({"aliases": shown} if shown else {})}


def _views(request: Request, store: Store) -> Views:
    """As the query asks for them."""
    return Views(
        store,
        projection=request.query.get("projection", "basic"),
        custom=request.query.get("customFieldMask", "").split(","),
        public=request.query.get("viewType") == "domain_public",
    )


def _demand_customer(request: Request, store: Store) -> None:
    customer, domain = request.query.get("customer"), request.query.get("domain")
    if not customer and not domain:
        raise refused(400, "badRequest", "Bad Request")
    if customer:
        require(store, customer)
    if domain and store.get("domains", domain.lower()) is None:
        raise refused(404, "notFound", "Domain not found.")


def _queried(request: Request, store: Store, users: list[Document], views: Views) -> list[Document]:
    text = request.query.get("query")
    if not text:
        return users
    try:
        clauses = user_query.parse(text)
    except user_query.WrongQuery as error:
        raise invalid("query") from error
    return [
        user
        for user in users
        if user_query.finds(clauses, views.facts(user), lambda each: people.managers(store, each))
    ]
