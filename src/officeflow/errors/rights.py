"""Errors of who may do what."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.errors.base import OfficeFlowError


class SignInNeeded(OfficeFlowError):
    """Nobody has signed in, or what they signed in with does not hold (any more)."""

    code = "sign_in_needed"


class NotAllowed(OfficeFlowError):
    """Who asks may not do this. `permission` is the one that they lack."""

    code = "not_allowed"

    def __init__(self, permission: str, *, allowed_to: Sequence[str] = ()) -> None:
        whose = (
            f"the roles {', '.join(allowed_to)} have it"
            if allowed_to
            else "only the platform's admins have it"
        )
        super().__init__(f"this needs the permission {permission}", hint=whose)
        self.permission = permission


class NotYoursToGive(NotAllowed):
    """Who asks would give somebody rights that they have not themselves. `permissions` are those."""

    code = "not_yours_to_give"

    def __init__(self, permissions: Sequence[str]) -> None:
        super().__init__(permissions[0])
        self.message = f"nobody gives a right that they have not: {', '.join(permissions)}"
        self.hint = "give a role or scopes within your own"
        self.permissions = tuple(permissions)


class NotAllowedHere(NotAllowed):
    """The same, said with who asks and where. `instead` is what to do."""

    def __init__(self, permission: str, *, who: str, where: str, instead: str) -> None:
        super().__init__(permission)
        self.message = f"{who} may not do this {where}: it needs the permission {permission}"
        self.hint = instead


class SecondPersonNeeded(OfficeFlowError):
    """Whoever asked for it, or a program, is not the one who releases it."""

    code = "second_person_needed"


class NotPending(OfficeFlowError):
    """Somebody has decided about it before."""

    code = "not_pending"
