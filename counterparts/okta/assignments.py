"""Who may use an application: users themselves, or by the groups that they are in."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, log, membership, people
from counterparts.okta.paging import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

APP = "app"
USER = "appUser"
GROUP = "appGroup"


def find_app(store: Store, identity: str) -> Document:
    app = store.get(APP, identity)
    if app is None:
        raise errors.not_found(identity, "AppInstance")
    return app


def key(app_id: str, other_id: str) -> str:
    return f"{app_id}/{other_id}"


def granting(store: Store, app_id: str, user_id: str) -> list[Document]:
    """The group assignments by which the user has the application."""
    found = []
    for each in store.all(GROUP):
        group = store.get(membership.GROUP, each["groupId"])
        if each["appId"] == app_id and group and membership.is_member(store, group, user_id):
            found.append(each)
    return found


def assignment(store: Store, app_id: str, user_id: str) -> Document | None:
    """The user's own assignment, else one by a group, in the form of an own one."""
    user = store.get(people.KIND, user_id)
    if user is None or user["status"] == "DEPROVISIONED":
        return None
    if own := store.get(USER, key(app_id, user_id)):
        return own
    groups = granting(store, app_id, user_id)
    return _by_group(user, groups[0]) if groups else None


def _by_group(user: Document, group: Document) -> Document:
    return {
        "appId": group["appId"],
        "userId": user["id"],
        "scope": "GROUP",
        "created": group["lastUpdated"],
        "lastUpdated": group["lastUpdated"],
        "profile": group["profile"],
        "credentials": {"userName": user["profile"]["login"]},
        "group": group["groupId"],
    }


def apps_of(store: Store, user_id: str) -> list[Document]:
    return [app for app in store.all(APP) if assignment(store, app["id"], user_id)]


def apps_of_group(store: Store, group_id: str) -> list[Document]:
    ids = {each["appId"] for each in store.all(GROUP) if each["groupId"] == group_id}
    return [app for app in store.all(APP) if app["id"] in ids]


def show(request: Request, store: Store, document: Document) -> dict[str, Any]:
    app, user = f"{request.base}/api/v1/apps/{document['appId']}", document["userId"]
    links = {"app": {"href": app}, "user": {"href": f"{request.base}/api/v1/users/{user}"}}
    if "group" in document:
        links["group"] = {"href": f"{request.base}/api/v1/groups/{document['group']}"}
    shown = {
        "id": user,
        "externalId": None,
        "created": document["created"],
        "lastUpdated": document["lastUpdated"],
        "scope": document["scope"],
        "status": "ACTIVE",
        "statusChanged": document["lastUpdated"],
        "syncState": "DISABLED",
        "passwordChanged": None,
        "credentials": {"userName": document["credentials"].get("userName")},
        "profile": document["profile"],
        "_links": links,
    }
    if request.query.get("expand") == "user":
        shown["_embedded"] = {"user": people.show(request, store.get(people.KIND, user) or {})}
    return shown


def list_users(request: Request, store: Store, app_id: str) -> Response:
    find_app(store, app_id)
    ids = dict.fromkeys(each["userId"] for each in store.all(USER) if each["appId"] == app_id)
    for each in store.all(GROUP):
        group = store.get(membership.GROUP, each["groupId"])
        if each["appId"] == app_id and group:
            ids.update(dict.fromkeys(membership.member_ids(store, group)))
    found = [each for each in (assignment(store, app_id, identity) for identity in ids) if each]
    wanted = request.query.get("q", "").casefold()
    found = [each for each in found if str(each["credentials"].get("userName")).casefold().startswith(wanted)]
    return page(request, found, lambda each: show(request, store, each), usual=50, most=500)


def assign(request: Request, store: Store, app_id: str) -> Response:
    app, body = find_app(store, app_id), request.json
    user = people.find(request, store, body["id"])
    if user["status"] == "DEPROVISIONED":
        raise errors.refused("E0000038")
    now = request.clock.text()
    known = store.get(USER, key(app_id, user["id"]))
    document = store.put(
        USER,
        key(app_id, user["id"]),
        {
            "appId": app_id,
            "userId": user["id"],
            "scope": "USER",
            "created": known["created"] if known else now,
            "lastUpdated": now,
            "profile": body.get("profile", {}),
            "credentials": _user_name(body, user["profile"]["login"]),
        },
    )
    if known is None:
        targets = ("AppUser", user), ("AppInstance", app)
        log.note(request, store, "application.user_membership.add", "Add user to application", *targets)
    return answer(show(request, store, document))


def _user_name(body: dict[str, Any], usual: str) -> dict[str, str]:
    return {"userName": body.get("credentials", {}).get("userName", usual)}


def _demanded(request: Request, store: Store, app_id: str, user_id: str) -> Document:
    find_app(store, app_id)
    user = people.find(request, store, user_id)
    found = assignment(store, app_id, user["id"])
    if found is None:
        raise errors.not_found(user_id, "AppUser")
    return found


def read_user(request: Request, store: Store, app_id: str, user_id: str) -> Response:
    return answer(show(request, store, _demanded(request, store, app_id, user_id)))


def update_user(request: Request, store: Store, app_id: str, user_id: str) -> Response:
    found = _demanded(request, store, app_id, user_id)
    profile = {**found["profile"], **request.json.get("profile", {})}
    credentials = _user_name(request.json, found["credentials"].get("userName", ""))
    changed = {**found, "profile": profile, "credentials": credentials, "lastUpdated": request.clock.text()}
    document = store.put(USER, key(app_id, found["userId"]), changed)
    return answer(show(request, store, document))


def unassign(request: Request, store: Store, app_id: str, user_id: str) -> Response:
    app = find_app(store, app_id)
    found = _demanded(request, store, app_id, user_id)
    if granting(store, app_id, found["userId"]):
        cause = (
            "The application cannot be unassigned from the user while their group memberships grant access"
        )
        raise errors.refused("E0000046", "", cause)
    store.remove(USER, key(app_id, found["userId"]))
    targets = ("AppUser", store.get(people.KIND, found["userId"]) or {}), ("AppInstance", app)
    log.note(request, store, "application.user_membership.remove", "Remove user from application", *targets)
    return answer(None, 204)


def _show_group(request: Request, document: Document) -> dict[str, Any]:
    base = f"{request.base}/api/v1"
    app, group = f"{base}/apps/{document['appId']}", f"{base}/groups/{document['groupId']}"
    return {
        "id": document["groupId"],
        "lastUpdated": document["lastUpdated"],
        "priority": document["priority"],
        "profile": document["profile"],
        "_links": {"app": {"href": app}, "group": {"href": group}},
    }


def list_groups(request: Request, store: Store, app_id: str) -> Response:
    find_app(store, app_id)
    found = [each for each in store.all(GROUP) if each["appId"] == app_id]
    return page(request, found, lambda each: _show_group(request, each), usual=20, most=200)


def _group_assignment(store: Store, app_id: str, group_id: str) -> Document:
    find_app(store, app_id)
    found = store.get(GROUP, key(app_id, group_id))
    if found is None:
        raise errors.not_found(group_id, "ApplicationGroupAssignment")
    return found


def read_group(request: Request, store: Store, app_id: str, group_id: str) -> Response:
    return answer(_show_group(request, _group_assignment(store, app_id, group_id)))


def assign_group(request: Request, store: Store, app_id: str, group_id: str) -> Response:
    app, group, body = find_app(store, app_id), membership.find(store, group_id), request.json
    known = store.get(GROUP, key(app_id, group_id))
    document = store.put(
        GROUP,
        key(app_id, group_id),
        {
            "appId": app_id,
            "groupId": group_id,
            "lastUpdated": request.clock.text(),
            "priority": body.get("priority", known["priority"] if known else 0),
            "profile": body.get("profile", {}),
        },
    )
    if known is None:
        targets = ("UserGroup", group), ("AppInstance", app)
        log.note(request, store, "group.application_assignment.add", "Add group to application", *targets)
    return answer(_show_group(request, document))


def patch_group(request: Request, store: Store, app_id: str, group_id: str) -> Response:
    """`replace` of `/priority` and `/profile…`, `add` and `remove` of `/profile/…`."""
    document: dict[str, Any] = dict(_group_assignment(store, app_id, group_id))
    for operation in request.json_list:
        _patch(document, operation)
    document["lastUpdated"] = request.clock.text()
    return answer(_show_group(request, store.put(GROUP, key(app_id, group_id), document)))


def _patch(document: dict[str, Any], operation: dict[str, Any]) -> None:
    head, _, name = operation.get("path", "").removeprefix("/").partition("/")
    if head not in {"priority", "profile"} or "/" in name or (head == "priority" and name):
        raise errors.invalid("path", "The path is not one of an application's group assignment")
    if not name:
        document[head] = operation.get("value")
    elif operation.get("op") == "remove":
        document[head] = {each: value for each, value in document[head].items() if each != name}
    else:
        document[head] = {**document[head], name: operation.get("value")}


def unassign_group(request: Request, store: Store, app_id: str, group_id: str) -> Response:
    app = find_app(store, app_id)
    _group_assignment(store, app_id, group_id)
    store.remove(GROUP, key(app_id, group_id))
    targets = ("UserGroup", membership.find(store, group_id)), ("AppInstance", app)
    log.note(request, store, "group.application_assignment.remove", "Remove group from application", *targets)
    return answer(None, 204)
