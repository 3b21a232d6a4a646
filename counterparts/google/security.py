"""What users have let in, of the Directory API: `tokens`, `asps`, `verificationCodes`, `twoStepVerification`.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-users
"""

from __future__ import annotations

import secrets
from typing import Any

from counterparts.google import ids, people, sign_ins
from counterparts.google.failures import not_found, unmet
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
CODES = 10


def list_tokens(request: Request, store: Store, user_key: str) -> Response:
    del request
    return _listed(store, user_key, "tokens", "token")


def get_token(request: Request, store: Store, user_key: str, client_id: str) -> Response:
    del request
    return answer(_view(_the(store, user_key, "tokens", client_id, "clientId"), "token"))


def delete_token(request: Request, store: Store, user_key: str, client_id: str) -> Response:
    del request
    token = _the(store, user_key, "tokens", client_id, "clientId")
    store.remove("tokens", f"{token['userKey']}/{client_id}")
    return answer(None, 204)


def list_asps(request: Request, store: Store, user_key: str) -> Response:
    del request
    return _listed(store, user_key, "asps", "asp")


def get_asp(request: Request, store: Store, user_key: str, code_id: str) -> Response:
    del request
    return answer(_view(_the(store, user_key, "asps", code_id, "codeId"), "asp"))


def delete_asp(request: Request, store: Store, user_key: str, code_id: str) -> Response:
    del request
    asp = _the(store, user_key, "asps", code_id, "codeId")
    store.remove("asps", f"{asp['userKey']}/{code_id}")
    return answer(None, 204)


def list_codes(request: Request, store: Store, user_key: str) -> Response:
    del request
    user = people.the(store, user_key)
    found = sign_ins.of_user(store, "verificationCodes", user["id"])
    items = [_view(each, "verificationCode") for each in found]
    return answer({"kind": "admin#directory#verificationCodesList", **({"items": items} if items else {})})


def generate_codes(request: Request, store: Store, user_key: str) -> Response:
    del request
    user = people.the(store, user_key)
    _forget_codes(store, user["id"])
    for _ in range(CODES):
        code = f"{secrets.randbelow(10**8):08d}"
        document = {"userId": user["id"], "verificationCode": code}
        store.put("verificationCodes", f"{user['id']}/{code}", document)
    return answer(None, 204)


def invalidate_codes(request: Request, store: Store, user_key: str) -> Response:
    del request
    _forget_codes(store, people.the(store, user_key)["id"])
    return answer(None, 204)


def turn_off(request: Request, store: Store, user_key: str) -> Response:
    """Two-step verification; its codes are good for nothing then."""
    del request
    user = people.the(store, user_key)
    if not user["isEnrolledIn2Sv"]:
        raise unmet("User is not enrolled in 2-step verification")
    store.change(people.KIND, user["id"], isEnrolledIn2Sv=False)
    _forget_codes(store, user["id"])
    return answer(None, 204)


def let_in(body: Any, store: Store) -> Any:
    """The control `let_in`: what a user does in the own account. {"user"} with any of `tokens` (`client_id`,
    `displayText`, `scopes`), `asps` (`name`) and `isEnrolledIn2Sv`.
    """
    user = people.the(store, body["user"])
    for token in body.get("tokens", ()):
        document = {"anonymous": False, "nativeApp": False, **token, "userKey": user["id"]}
        store.put("tokens", f"{user['id']}/{token['clientId']}", document)
    known = sign_ins.of_user(store, "asps", user["id"])
    number = max((each["codeId"] for each in known), default=0)
    for asp in body.get("asps", ()):
        number += 1
        document = {"codeId": number, "creationTime": "0", "lastTimeUsed": "0", **asp, "userKey": user["id"]}
        store.put("asps", f"{user['id']}/{number}", document)
    if "isEnrolledIn2Sv" in body:
        store.change(people.KIND, user["id"], isEnrolledIn2Sv=bool(body["isEnrolledIn2Sv"]))
    return {"id": user["id"]}


def _listed(store: Store, key: str, kind: str, name: str) -> Response:
    user = people.the(store, key)
    items = [_view(each, name) for each in sign_ins.of_user(store, kind, user["id"])]
    return answer({"kind": f"admin#directory#{name}List", **({"items": items} if items else {})})


def _the(store: Store, key: str, kind: str, identity: str, parameter: str) -> Document:
    user = people.the(store, key)
    found = store.get(kind, f"{user['id']}/{identity}")
    if found is None:
        raise not_found(parameter)
    return found


def _forget_codes(store: Store, identity: str) -> None:
    for each in sign_ins.of_user(store, "verificationCodes", identity):
        store.remove("verificationCodes", f"{identity}/{each['verificationCode']}")


def _view(document: Document, name: str) -> Json:
    shown = {"kind": f"admin#directory#{name}", **document}
    return {**shown, "etag": ids.etag(shown)}
