"""Who may decide about a release: a person with the right, who is none of those who asked for it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import ApiToken, Release, ServiceAccount
from officeflow.errors import SecondPersonNeeded
from officeflow.events import mass
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import Principal
from officeflow.statuses import ReleaseKind

PROGRAM = "token:"


def check_second(session: Session, release: Release, principal: Principal) -> None:
    """`NotAllowed` without the right; `SecondPersonNeeded` for a program and for whoever asked."""
    principal.require(Permission.RELEASE_APPROVE, release.org_id)
    check_person(principal)
    asked = [release.requested_by]
    if release.kind == ReleaseKind.EVENTS:
        asked += mass.senders(session, release.release_id)
    if principal.login.lower() in _logins(session, release, asked):
        raise SecondPersonNeeded(
            "who asked for it is not the one who releases it",
            hint="another admin does; in an emergency one overrides it, with a reason",
        )


def check_person(principal: Principal) -> None:
    """`SecondPersonNeeded` for a program: whoever holds its token is nobody in particular."""
    if not principal.login:
        raise SecondPersonNeeded("a person decides about releases, not a service account")


def _logins(session: Session, release: Release, actors: Iterable[str]) -> set[str]:
    """The logins behind those names, in lower case; behind a service account those who made its tokens."""
    found: set[str] = set()
    for actor in actors:
        kind, _, name = actor.partition(":")
        if actor.startswith(PROGRAM):
            made = (
                select(ApiToken.created_by)
                .join(ServiceAccount, ServiceAccount.account_id == ApiToken.account_id)
                .where(
                    ServiceAccount.org_id == release.org_id, ServiceAccount.name == name.rpartition("/")[2]
                )
            )
            found |= {each.partition(":")[2].lower() for each in session.scalars(made)}
        elif kind != "service":
            found.add(name.lower())
    return found
