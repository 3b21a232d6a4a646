"""What the directory demands of a user."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import bad_request, invalid_value, required, taken
from counterparts.entra.graph.writing import living
from counterparts.entra.schema.user import PROFILE
from counterparts.entra.tenant import Tenant
from counterparts.vendors.store import Store

NEEDED = ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName")
LOCAL_PART = re.compile(r"[A-Za-z0-9'_!#^~-]+(?:\.[A-Za-z0-9'_!#^~-]+)*")
NICKNAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]+")
COUNTRY = re.compile(r"[A-Z]{2}")
POLICIES = frozenset({"None", "DisableStrongPassword", "DisablePasswordExpiration"})


def check(
    store: Store, tenant: Tenant, fields: Mapping[str, Any], present: Mapping[str, Any] | None = None
) -> None:
    """Raises the vendor's 400. `present` is the user that is changed, None for a new one."""
    if present is None:
        for name in NEEDED:
            if fields.get(name) is None:
                raise required(name, "User")
    for name in NEEDED:
        if name in fields and fields[name] is None:
            raise invalid_value(name, "User")
    _check_profile(fields)
    _check_principal_name(store, tenant, fields, "" if present is None else present["id"])
    if (nickname := fields.get("mailNickname")) is not None and not NICKNAME.fullmatch(nickname):
        raise invalid_value("mailNickname", "User")
    if (location := fields.get("usageLocation")) is not None and not COUNTRY.fullmatch(location):
        raise invalid_value("usageLocation", "User")
    _check_mail(store, fields, "" if present is None else present["id"])
    _check_policies(fields.get("passwordPolicies"))
    _check_immutable(store, fields, "" if present is None else present["id"])
    check_password(fields.get("passwordProfile"), {**(present or {}), **fields}, new=present is None)


def _check_profile(fields: Mapping[str, Any]) -> None:
    """These are kept outside of the directory, which writes them alone."""
    if set(fields) & PROFILE and set(fields) - PROFILE:
        raise bad_request("The request contains properties that cannot be updated together.")


def _check_principal_name(store: Store, tenant: Tenant, fields: Mapping[str, Any], own: str) -> None:
    name = fields.get("userPrincipalName")
    if name is None:
        return
    local, _, domain = name.rpartition("@")
    if domain.lower() not in tenant.domains:
        raise bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the"
            " verified domain names in your organization.",
            details=[
                {"code": "InvalidValue", "message": "Unverified domain.", "target": "userPrincipalName"}
            ],
        )
    if len(local) > 64 or not LOCAL_PART.fullmatch(local):
        raise invalid_value("userPrincipalName", "User")
    if living(store, "user", "userPrincipalName", name, apart_from=own):
        raise taken("userPrincipalName")


def _check_mail(store: Store, fields: Mapping[str, Any], own: str) -> None:
    """An address belongs to one object of the tenant, also as a further address."""
    mail = fields.get("mail")
    if mail is None:
        return
    if not ADDRESS.fullmatch(mail):
        raise invalid_value("mail", "User")
    wanted = f"smtp:{mail}".casefold()
    for kind in ("user", "group"):
        for each in store.all(kind):
            known = {address.casefold() for address in each.get("proxyAddresses") or []}
            if wanted in known and each["id"] != own:
                raise taken("proxyAddresses")


def _check_policies(value: str | None) -> None:
    if value is not None and not {each.strip() for each in value.split(",")} <= POLICIES:
        raise invalid_value("passwordPolicies", "User")


def _check_immutable(store: Store, fields: Mapping[str, Any], own: str) -> None:
    value = fields.get("onPremisesImmutableId")
    if value is not None and living(store, "user", "onPremisesImmutableId", value, apart_from=own):
        raise taken("onPremisesImmutableId")


def check_password(profile: Mapping[str, Any] | None, user: Mapping[str, Any], *, new: bool = False) -> None:
    """The tenant's policy: 8 to 256 characters of three kinds, without the user's name in it."""
    password = (profile or {}).get("password")
    if password is None:
        if new:
            raise required("password", "User")
        return
    kinds = sum(bool(re.search(pattern, password)) for pattern in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    local = str(user.get("userPrincipalName", "")).partition("@")[0].casefold()
    fits = 8 <= len(password) <= 256 and (kinds >= 3 or "DisableStrongPassword" in _policies(user))
    if not fits or (local and local in password.casefold()):
        message = (
            "The specified password does not comply with password complexity requirements. Please provide a"
            " different password."
        )
        raise bad_request(
            message, details=[{"code": "InvalidPassword", "message": message, "target": "passwordProfile"}]
        )


def _policies(user: Mapping[str, Any]) -> str:
    return str(user.get("passwordPolicies") or "")


def kept_password(profile: Mapping[str, Any]) -> dict[str, Any]:
    """A password profile without the password."""
    return {name: value for name, value in profile.items() if name != "password"}


def digest(password: str, salt: str = "") -> str:
    """`salt$digest`, with a new salt where none is given."""
    salt = salt or secrets.token_hex(8)
    return f"{salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"


def is_password(password: str, kept: str) -> bool:
    return digest(password, kept.partition("$")[0]) == kept
