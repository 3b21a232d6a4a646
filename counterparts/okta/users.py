"""`/api/v1/users`: list, create, read, update, delete."""

from __future__ import annotations

import secrets
from typing import Any

from counterparts.okta import errors, log, membership, rules
from counterparts.okta.filters import parse, value_at
from counterparts.okta.leaving import deprovision
from counterparts.okta.mail import send
from counterparts.okta.paging import page
from counterparts.okta.people import (
    KIND,
    PASSWORDS,
    demand_profile,
    demand_there,
    find,
    move,
    set_password,
    show,
)
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

IN_PROFILE = ("login", "email", "firstName", "lastName")
FILTERED = frozenset({"status", "id", "lastUpdated", *(f"profile.{name}" for name in IN_PROFILE)})
FILTER_OPERATORS = frozenset({"eq", "gt", "ge", "lt", "le"})
SEARCH_OPERATORS = frozenset({"eq", "ne", "sw", "co", "gt", "ge", "lt", "le", "pr"})
MOST = 200


def list_users(request: Request, store: Store) -> Response:
    query = request.query
    users = store.all(KIND)
    if len({"search", "filter", "q"} & set(query)) > 1:
        raise errors.refused("E0000033")
    if "search" in query:
        matches = parse(query["search"], operators=SEARCH_OPERATORS)
        users = _sorted(
            [user for user in users if matches(user)], query.get("sortBy"), query.get("sortOrder")
        )
    elif "filter" in query:
        matches = parse(query["filter"], attributes=FILTERED.__contains__, operators=FILTER_OPERATORS)
        users = [user for user in users if matches(user)]
    else:
        users = [user for user in users if user["status"] != "DEPROVISIONED"]
        if "q" in query:
            users = [user for user in users if _begins(user, query["q"].casefold())]
    return page(request, users, lambda user: show(request, user), usual=MOST, most=MOST)


def _sorted(users: list[Document], attribute: str | None, order: str | None) -> list[Document]:
    if attribute is None:
        return users
    return sorted(users, key=lambda user: str(value_at(user, attribute) or ""), reverse=order == "desc")


def _begins(user: Document, text: str) -> bool:
    profile = user["profile"]
    return any(
        str(profile.get(name, "")).casefold().startswith(text) for name in ("firstName", "lastName", "email")
    )


def create(request: Request, store: Store) -> Response:
    query, body = request.query, request.json
    profile = {name: value for name, value in body["profile"].items() if value is not None}
    demand_profile(store, profile)
    groups = [membership.find_for_change(store, identity) for identity in body.get("groupIds", ())]
    identity, now = log.new_id("00u"), request.clock.text()
    user = store.put(
        KIND,
        identity,
        {
            "id": identity,
            "status": "STAGED",
            "created": now,
            "activated": None,
            "statusChanged": None,
            "lastLogin": None,
            "lastUpdated": now,
            "passwordChanged": None,
            "type": {"id": "oty1officeflowfake00"},
            "profile": profile,
        },
    )
    password = _password(body)
    if password is not None:
        user = set_password(request, store, user, password)
    log.note(request, store, "user.lifecycle.create", "Create Okta user", ("User", user))
    for group in groups:
        membership.add(request, store, group, user)
    if query.get("activate", "true") == "true":
        user = _begin(request, store, user, has_password=password is not None)
    rules.follow(request, store, user)
    return answer(show(request, user))


def _begin(request: Request, store: Store, user: Document, *, has_password: bool) -> Document:
    if request.query.get("nextLogin") == "changePassword":
        if not has_password:
            raise errors.invalid(
                "password", "A password is needed where it is to be changed at the next login"
            )
        status = "PASSWORD_EXPIRED"
    elif has_password or request.query.get("provider") == "true":
        status = "ACTIVE"
    else:
        status = "PROVISIONED"
        send(request, store, user, "activation")
    log.note(request, store, "user.lifecycle.activate", "Activate Okta user", ("User", user))
    return move(request, store, user, status, activated=request.clock.text())


def read(request: Request, store: Store, identity: str) -> Response:
    return answer(show(request, find(request, store, identity)))


def update(request: Request, store: Store, identity: str) -> Response:
    """Only what is set; null takes an attribute away."""
    user = find(request, store, identity)
    changed = {**user["profile"], **request.json.get("profile", {})}
    return _updated(request, store, user, changed)


def replace(request: Request, store: Store, identity: str) -> Response:
    """All: what is not set is taken away."""
    user = find(request, store, identity)
    if "profile" not in request.json:
        raise errors.invalid("profile", "The field cannot be left blank")
    return _updated(request, store, user, request.json["profile"])


def _updated(request: Request, store: Store, user: Document, profile: dict[str, Any]) -> Response:
    demand_there(user)
    profile = {name: value for name, value in profile.items() if value is not None}
    demand_profile(store, profile, identity=user["id"])
    if request.query.get("strict") == "true" and "password" in request.json.get("credentials", {}):
        _demand_strong(request.json["credentials"]["password"].get("value", ""))
    user = store.change(KIND, user["id"], profile=profile, lastUpdated=request.clock.text())
    password = _password(request.json)
    if password is not None:
        user = set_password(request, store, user, password)
        # Neither Okta's description nor its documentation says that it does: nobody may rely on it.
        if user["status"] in {"PROVISIONED", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED"} - _stays(store):
            user = move(request, store, user, "ACTIVE")
    log.note(request, store, "user.account.update_profile", "Update user profile", ("User", user))
    rules.follow(request, store, user)
    return answer(show(request, user))


def _stays(store: Store) -> set[str]:
    """Statuses that a password leaves as they are, by `PUT state/settings/settings`."""
    return set((store.get("settings", "settings") or {}).get("stays", ()))


def _password(body: dict[str, Any]) -> str | None:
    given = body.get("credentials", {}).get("password", {})
    value: str | None = given.get("value")
    if value is not None:
        _demand_strong(value)
    if "hash" in given:
        return secrets.token_urlsafe()  # one that nobody knows: the fake cannot check what it is the hash of
    return value


def _demand_strong(password: str) -> None:
    kinds = (str.islower, str.isupper, str.isdigit)
    if len(password) < 8 or not all(any(map(kind, password)) for kind in kinds):
        raise errors.invalid("password", "Password requirements were not met")


def delete(request: Request, store: Store, identity: str) -> Response:
    """Deactivates; whom it finds deactivated it removes for good."""
    user = find(request, store, identity)
    if user["status"] != "DEPROVISIONED":
        deprovision(request, store, user)
        if request.query.get("sendEmail") == "true":
            send(request, store, user, "deactivation to administrators")
        return answer(None, 204)
    membership.forget(store, user)
    for kind in (PASSWORDS, KIND):
        store.remove(kind, user["id"])
    log.note(request, store, "user.lifecycle.delete.initiated", "Delete Okta user", ("User", user))
    return answer(None, 204)


def app_links(request: Request, store: Store, identity: str) -> Response:
    from counterparts.okta.assignments import apps_of

    user = find(request, store, identity)
    links = [
        {
            "appAssignmentId": user["id"],
            "appInstanceId": app["id"],
            "appName": app["name"],
            "credentialsSetup": False,
            "hidden": False,
            "id": app["id"],
            "label": app["label"],
            "linkUrl": f"{request.base}/home/{app['name']}/{app['id']}",
            "sortOrder": number,
        }
        for number, app in enumerate(apps_of(store, user["id"]))
        if app["status"] == "ACTIVE"
    ]
    return answer(links)
