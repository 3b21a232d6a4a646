"""`/api/v1/groups/rules`: who is in a group because of what their profile says."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, log, membership
from counterparts.okta.expressions import Person, parse
from counterparts.okta.paging import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

KIND = "rule"


def follow(request: Request, store: Store, user: Document) -> None:
    """Bring the user's memberships to what the active rules say."""
    for rule in store.all(KIND):
        if rule["status"] == "ACTIVE":
            _apply(request, store, rule, user)


def _apply(request: Request, store: Store, rule: Document, user: Document) -> None:
    groups = frozenset(group["id"] for group in membership.groups_of(store, user["id"]))
    meets = parse(rule["conditions"]["expression"]["value"])
    wanted = (
        user["status"] != "DEPROVISIONED"
        and user["id"] not in rule["excluded"]
        and meets(Person(user["profile"], groups))
    )
    for group_id in rule["actions"]["assignUserToGroups"]["groupIds"]:
        known = store.get(membership.KIND, membership.key(group_id, user["id"]))
        by_rules = set(known["rules"]) if known else set()
        if wanted and rule["id"] not in by_rules:
            membership.put(store, group_id, user["id"], rules=sorted(by_rules | {rule["id"]}))
            membership.touch(request, store, membership.find(store, group_id))
        elif not wanted and rule["id"] in by_rules:
            _withdraw(store, rule, group_id, user["id"])


def _withdraw(store: Store, rule: Document, group_id: str, user_id: str) -> None:
    """A member whom nobody else has added is none any more."""
    key = membership.key(group_id, user_id)
    known = store.get(membership.KIND, key)
    if known is None:
        return
    rules = [each for each in known["rules"] if each != rule["id"]]
    if rules or known["manual"]:
        membership.put(store, group_id, user_id, rules=rules)
    else:
        store.remove(membership.KIND, key)


def _show(document: Document) -> dict[str, Any]:
    shown = {key: value for key, value in document.items() if key != "excluded"}
    people = {"users": {"exclude": document["excluded"]}, "groups": {"exclude": []}}
    return {**shown, "conditions": {**document["conditions"], "people": people}}


def _find(store: Store, identity: str) -> Document:
    rule = store.get(KIND, identity)
    if rule is None:
        raise errors.not_found(identity, "GroupRule")
    return rule


def list_rules(request: Request, store: Store) -> Response:
    wanted = request.query.get("search", "").casefold()
    rules = [rule for rule in store.all(KIND) if wanted in rule["name"].casefold()]
    return page(request, rules, _show, usual=50, most=200)


def create(request: Request, store: Store) -> Response:
    identity, now = log.new_id("0pr"), request.clock.text()
    document = {
        "id": identity,
        "status": "INACTIVE",
        "type": "group_rule",
        "created": now,
        "lastUpdated": now,
    }
    rule = store.put(KIND, identity, {**document, **_demanded(store, request.json)})
    log.note(request, store, "group.rule.create", "Create group rule", ("GroupRule", _named(rule)))
    return answer(_show(rule))


def _demanded(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    if not body.get("name"):
        raise errors.invalid("name", "The field cannot be left blank")
    conditions, actions = body.get("conditions", {}), body.get("actions", {})
    parse(conditions.get("expression", {}).get("value", ""))
    groups = actions.get("assignUserToGroups", {}).get("groupIds", [])
    if not groups:
        raise errors.invalid("actions", "At least one group is needed")
    for group_id in groups:
        membership.find_for_change(store, group_id)
    excluded = conditions.get("people", {}).get("users", {}).get("exclude", [])
    return {
        "name": body["name"],
        "conditions": {"expression": conditions["expression"]},
        "actions": {"assignUserToGroups": {"groupIds": groups}},
        "excluded": excluded,
    }


def _named(rule: Document) -> dict[str, Any]:
    return {"id": rule["id"], "label": rule["name"]}


def read(request: Request, store: Store, rule_id: str) -> Response:
    del request
    return answer(_show(_find(store, rule_id)))


def replace(request: Request, store: Store, rule_id: str) -> Response:
    rule = _find(store, rule_id)
    if rule["status"] == "ACTIVE":
        raise errors.refused("E0000001", "rule", "Cannot update an active group rule")
    changed = _demanded(store, request.json)
    if changed["actions"] != rule["actions"]:
        raise errors.invalid("actions", "The groups of a rule cannot be changed")
    return answer(_show(store.change(KIND, rule_id, lastUpdated=request.clock.text(), **changed)))


def activate(request: Request, store: Store, rule_id: str) -> Response:
    _find(store, rule_id)
    rule = store.change(KIND, rule_id, status="ACTIVE", lastUpdated=request.clock.text())
    for user in store.all("user"):
        _apply(request, store, rule, user)
    log.note(request, store, "group.rule.activate", "Activate group rule", ("GroupRule", _named(rule)))
    return answer(None, 204)


def deactivate(request: Request, store: Store, rule_id: str) -> Response:
    """Who is in a group because of it stays there."""
    _find(store, rule_id)
    rule = store.change(KIND, rule_id, status="INACTIVE", lastUpdated=request.clock.text())
    log.note(request, store, "group.rule.deactivate", "Deactivate group rule", ("GroupRule", _named(rule)))
    return answer(None, 204)


def delete(request: Request, store: Store, rule_id: str) -> Response:
    rule = _find(store, rule_id)
    removes = request.query.get("removeUsers") == "true"
    for known in store.all(membership.KIND):
        if rule_id in known["rules"]:
            if not removes:
                membership.put(store, known["groupId"], known["userId"], manual=True)
            _withdraw(store, rule, known["groupId"], known["userId"])
    store.remove(KIND, rule_id)
    log.note(request, store, "group.rule.delete", "Delete group rule", ("GroupRule", _named(rule)))
    return answer(None, 202)
