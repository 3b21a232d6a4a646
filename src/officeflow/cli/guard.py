"""No command is called before whoever acts may do it: the one place where that is looked at."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from officeflow.cli import identity
from officeflow.cli.command_rights import NEEDS
from officeflow.cli.needs import Need, Reach
from officeflow.errors import SignInNeeded
from officeflow.errors.rights import NotAllowedHere
from officeflow.program import typed
from officeflow.rights.permissions import PLATFORM, Permission
from officeflow.rights.principals import Principal, roles_with

if TYPE_CHECKING:
    from officeflow.cli.places import Place
    from officeflow.database.engine import Database

_NEED, _GIVEN = "officeflow.need", "officeflow.given"


def guarded(command: click.Command, *words: str) -> click.Command:
    """The same command, and all below it: each asks who acts, and is called only where they may.

    `LookupError` for one that is not in the table.
    """
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            guarded(each, *words, name)
        return command
    name = " ".join(words)
    if name not in NEEDS:
        raise LookupError(f"nothing says what `{name}` needs (officeflow.cli.command_rights)")
    need, callback = NEEDS[name], command.callback
    if callback is None or need.reach is Reach.MACHINE:
        return command
    if not any(each.name == "login" for each in command.params):
        command.params.append(identity.as_option(expose=False))

    @functools.wraps(callback)
    def called(*arguments: Any, **given: Any) -> Any:
        return callback(*arguments, **{**given, **_admit(click.get_current_context(), need, given)})

    command.callback = called
    return command


def _admit(ctx: click.Context, need: Need, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Parameters that the command gets instead of what was given."""
    ctx.meta[_NEED], ctx.meta[_GIVEN] = need, given
    typed_login = given.get("login") if need.signs_in else None
    if need.people_only and identity.token():
        raise SignInNeeded("this is for people", hint="sign in with --login, without OFFICEFLOW_TOKEN")
    who = identity.of(ctx, typed_login=typed_login)
    if need.signs_in and not identity.token():
        return {}  # `admit_signed_in` follows, or the command only looks, as the operator
    identity.keep(ctx, who)
    if who.is_platform_admin:
        return {}
    from officeflow.database.engine import Database

    with Database.from_settings() as db:
        changed = admit(db, who, need, given)
    return {**changed, "login": who.actor} if need.signs_in else changed


def admit_signed_in(db: Database, who: Principal) -> None:
    """`who` is known by Airflow; as `admit`, for the command that is being called."""
    ctx = click.get_current_context()
    identity.keep(ctx, who)
    admit(db, who, ctx.meta[_NEED], ctx.meta[_GIVEN])


def admit(db: Database, who: Principal, need: Need, given: Mapping[str, Any]) -> Mapping[str, str]:
    """`NotAllowed` where they may not; otherwise the parameters that are clear now.

    What is of an organization that they have not, is answered as what there is not.
    """
    from officeflow.cli import places

    if who.is_platform_admin and who.scopes is None:
        return {}
    wanted = list(need.permissions(given))
    if need.reach is not Reach.ORGANIZATION:
        for permission in wanted:
            if not (who.organizations(permission) if need.reach is Reach.ANYWHERE else who.may(permission)):
                raise _refusal(who, permission, None)
        return {}
    found = places.find(db, need, given, places.slugs(db, who.roles))
    if found is None:
        return {}
    for permission in wanted:
        if not any(who.may(permission, place.org_id) for place in found):
            raise _refusal(who, permission, found[0] if found else None)
    return found[0].named if len(found) == 1 else {}


def _refusal(who: Principal, permission: Permission, place: Place | None) -> NotAllowedHere:
    """`place` is None where it is about no organization."""
    kind, _, name = who.actor.partition(":")
    called = f"the service account {name}" if kind == "token" else name
    if permission in PLATFORM:
        instead = "only the platform's admins: whoever has this machine's secrets, without --as and token"
        return NotAllowedHere(permission, who=called, where="on this installation", instead=instead)
    where = f"in {place.slug}" if place else "in any organization"
    return NotAllowedHere(
        permission, who=called, where=where, instead=_who_gives(who, called, permission, place)
    )


def _who_gives(who: Principal, called: str, permission: Permission, place: Place | None) -> str:
    an_admin = f"an admin of {place.slug}" if place else "an admin"
    if who.scopes is not None and permission not in who.scopes:
        return f"the token's scopes leave it out; {an_admin} makes another: `{typed('token create')}`"
    if who.actor.startswith("token:"):
        return _other_account(who, called, permission, place)
    having = f"{called} is {who.roles[place.org_id]} there; of" if place else "of"
    org = place.slug if place else "ORG"
    return (
        f"{having} the roles {', '.join(roles_with(permission))} {an_admin} gives one:"
        f" `{typed('user set-role')} {org} EMAIL ROLE --why …`"
    )


def _other_account(who: Principal, called: str, permission: Permission, place: Place | None) -> str:
    """A service account keeps its role."""
    an_admin, org = (f"an admin of {place.slug}", place.slug) if place else ("an admin", "ORG")
    having = (
        f"{called} is {who.roles[place.org_id]} there and keeps its role" if place else "it keeps its role"
    )
    return (
        f"{having}; {an_admin} makes another, as one of {', '.join(roles_with(permission))}:"
        f" `{typed('service-account create')} {org} NAME --role ROLE`"
    )
