"""`/api/v1/users/{id}/lifecycle/…` and `/credentials/…`."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from counterparts.okta import errors, log, rules
from counterparts.okta.leaving import FACTOR, deprovision, end_sessions, remove_of
from counterparts.okta.mail import send
from counterparts.okta.people import (
    demand_status,
    demand_there,
    find,
    has_password,
    move,
    password_is,
    set_password,
    show,
)
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Step = Callable[[Request, Store, Document], Response]
RESETTABLE = ("ACTIVE", "PROVISIONED", "LOCKED_OUT", "RECOVERY", "PASSWORD_EXPIRED")
EXPIRABLE = ("ACTIVE", "PASSWORD_EXPIRED", "RECOVERY", "LOCKED_OUT", "PROVISIONED", "STAGED")


def step(act: Step) -> Callable[..., Response]:
    """A route of one user, whom it looks up by the one parameter that its path has."""

    def handler(request: Request, store: Store, **path: str) -> Response:
        (identity,) = path.values()
        return act(request, store, find(request, store, identity))

    return handler


def activate(request: Request, store: Store, user: Document) -> Response:
    if user["status"] not in {"STAGED", "DEPROVISIONED"}:
        raise errors.refused("E0000016")
    status = "ACTIVE" if has_password(store, user) else "PROVISIONED"
    user = move(request, store, user, status, activated=request.clock.text())
    log.note(request, store, "user.lifecycle.activate", "Activate Okta user", ("User", user))
    rules.follow(request, store, user)
    return _told_how(request, store, user, usual="true")


def reactivate(request: Request, store: Store, user: Document) -> Response:
    demand_status(user, "PROVISIONED", "RECOVERY")
    log.note(request, store, "user.lifecycle.reactivate", "Reactivate Okta user", ("User", user))
    return _told_how(request, store, user, usual="false")


def _told_how(request: Request, store: Store, user: Document, *, usual: str) -> Response:
    """By e-mail, where it is asked for; else in the answer."""
    if _sends(request, usual=usual):
        send(request, store, user, "activation")
        return answer({})
    token = secrets.token_urlsafe(16)
    return answer({"activationUrl": f"{request.base}/welcome/{token}", "activationToken": token})


def _sends(request: Request, *, usual: str) -> bool:
    return request.query.get("sendEmail", usual) == "true"


def deactivate(request: Request, store: Store, user: Document) -> Response:
    demand_there(user)
    deprovision(request, store, user)
    if _sends(request, usual="false"):
        send(request, store, user, "deactivation to administrators")
    return answer({})


def suspend(request: Request, store: Store, user: Document) -> Response:
    if user["status"] != "ACTIVE":
        raise errors.refused("E0000001", "suspend", "Cannot suspend a user that is not active")
    end_sessions(request, store, user, tokens=False)
    user = move(request, store, user, "SUSPENDED")
    log.note(request, store, "user.lifecycle.suspend", "Suspend Okta user", ("User", user))
    return answer({})


def unsuspend(request: Request, store: Store, user: Document) -> Response:
    if user["status"] != "SUSPENDED":
        raise errors.refused("E0000001", "unsuspend", "Cannot unsuspend a user that is not suspended")
    user = move(request, store, user, "ACTIVE")
    log.note(request, store, "user.lifecycle.unsuspend", "Unsuspend Okta user", ("User", user))
    return answer({})


def unlock(request: Request, store: Store, user: Document) -> Response:
    if user["status"] != "LOCKED_OUT":
        raise errors.refused("E0000032")
    user = move(request, store, user, "ACTIVE")
    log.note(request, store, "user.account.unlock", "Unlock user account", ("User", user))
    return answer({})


def expire_password(request: Request, store: Store, user: Document) -> Response:
    demand_status(user, *EXPIRABLE)
    user = move(request, store, user, "PASSWORD_EXPIRED")
    log.note(request, store, "user.account.expire_password", "Expire user password", ("User", user))
    return answer(show(request, user))


def expire_with_temporary(request: Request, store: Store, user: Document) -> Response:
    demand_status(user, *EXPIRABLE)
    password = f"{secrets.token_urlsafe(9)}aA1"
    user = set_password(request, store, user, password)
    user = move(request, store, user, "PASSWORD_EXPIRED")
    if request.query.get("revokeSessions") == "true":
        end_sessions(request, store, user, tokens=True)
    log.note(request, store, "user.account.expire_password", "Expire user password", ("User", user))
    return answer({"tempPassword": password})


def reset_password(request: Request, store: Store, user: Document) -> Response:
    demand_status(user, *RESETTABLE)
    user = set_password(request, store, user, None)
    user = move(request, store, user, "RECOVERY")
    if request.query.get("revokeSessions") == "true":
        end_sessions(request, store, user, tokens=True)
    log.note(request, store, "user.account.reset_password", "Reset user password", ("User", user))
    if _sends(request, usual="true"):
        send(request, store, user, "password reset")
        return answer({})
    return answer({"resetPasswordUrl": f"{request.base}/reset_password/{secrets.token_urlsafe(16)}"})


def reset_factors(request: Request, store: Store, user: Document) -> Response:
    # Whether it ends a factor that Okta has by itself (`email`), no description says; a fault keeps it.
    remove_of(store, FACTOR, user["id"])
    log.note(request, store, "user.mfa.factor.reset_all", "Reset all factors for user", ("User", user))
    return answer({})


def forgot_password(request: Request, store: Store, user: Document) -> Response:
    if user["status"] != "ACTIVE":
        raise errors.refused("E0000034")
    if _sends(request, usual="true"):
        send(request, store, user, "password reset")
        return answer({})
    return answer({"resetPasswordUrl": f"{request.base}/signin/reset-password/{secrets.token_urlsafe(16)}"})


def change_password(request: Request, store: Store, user: Document) -> Response:
    demand_status(user, "STAGED", "ACTIVE", "PASSWORD_EXPIRED", "RECOVERY")
    old = request.json.get("oldPassword", {}).get("value", "")
    new = request.json.get("newPassword", {}).get("value", "")
    if not password_is(store, user, old):
        raise errors.refused("E0000014", "", "oldPassword: The credentials provided were incorrect.")
    if not new:
        raise errors.invalid("newPassword", "The field cannot be left blank")
    user = set_password(request, store, user, new)
    move(request, store, user, "ACTIVE")
    if request.json.get("revokeSessions"):
        end_sessions(request, store, user, tokens=False)
    return answer({"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}})
