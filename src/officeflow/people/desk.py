"""What somebody who has signed in at Airflow sees and does about requests: the side of the command and of
the API.

Who is a user of an organization sees what they are asked; its admins, operators and auditors see all of it,
and the first two give requests to others. A login that is no user's may do what Airflow lets it do with the
run, as for corrections.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from officeflow.audit.entry import reason as audit_reason
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import Delegation, HumanRequest, Organization, User
from officeflow.errors import InvalidInput, NotAsked, NotKnown
from officeflow.people import answers, barred, delegations, holding, requests, shown
from officeflow.people.holding import Held
from officeflow.people.rows import Request
from officeflow.statuses import RequestKind
from officeflow.tenants import users

SEES_ALL = frozenset({"admin", "operator", "auditor"})
GIVES_TO_OTHERS = frozenset({"admin", "operator"})
SHORTEST = 6
"""Characters of a request's id that name it."""

COMMANDS: Mapping[RequestKind, str] = {
    RequestKind.APPROVAL: "approve",
    RequestKind.FORM: "fill",
    RequestKind.TASK: "done",
}
"""The command that says yes to a request of this kind."""

MayChange = Callable[[str, str, str], bool]
"""Whether Airflow lets the login change a task: the DAG's id, the run's and the task's."""


@dataclass(frozen=True, slots=True)
class Member:
    """The login as a user of an organization."""

    org_id: uuid.UUID
    org: str
    user: User


class Desk:
    """Of one login, which Airflow has let in. With `org_id` it has to do with that organization alone.

    `door` is how it came in; `sees_all` says that it may see everything whoever it is. `actor` is its name in
    the audit log, where it is no login's: a service account, which answers nothing.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        login: str,
        may_change: MayChange,
        *,
        org_id: uuid.UUID | None = None,
        door: answers.Door = "command",
        sees_all: bool = False,
        actor: str = "",
    ) -> None:
        self._database = database
        self._clock = clock
        self._login = login
        self._may_change = may_change
        self._org_id = org_id
        self._door = door
        self._may_see_all = sees_all
        self._actor = actor or f"airflow:{login}"
        self._name = login or actor

    def every(self, *, everything: bool = False, most: int = 100) -> list[dict[str, Any]]:
        """Open requests that the login may answer, also in somebody's place; with `everything` all that it
        may see.
        """
        found = []
        for member in self._memberships():
            sees_all = everything and member.user.role in SEES_ALL
            with self._database.tenant(member.org_id) as session:
                now = self._clock.now()
                there = _all_of(session, member, now, most) if sees_all else _held(session, member, now, most)
                found += [{"org": member.org, **_line(*each)} for each in there]
        return found[:most]

    def show(self, named: str) -> dict[str, Any]:
        """All of one request; `NotKnown` also where the login may not see it."""
        with self._found(named) as (session, request, user):
            told = shown.as_json(session, request, now=self._clock.now())
            emails = {user.email} if user else set()
            is_asked = user and any(emails & {each["user"], each["answers_now"]} for each in told["asked"])
            if not (is_asked or self._may_see_all or self._sees_all(session, request, user)):
                raise _unknown(named)
            mails = {each.user_id: each for each in requests.seats(session, request)}
            people = users.by_id(session, [key for key in mails if key])
            addresses = {each.email: mails[key] for key, each in people.items()}
            for each in told["asked"]:
                seat = addresses.get(each["user"])
                each["mailed_at"] = seat.mailed_at.isoformat() if seat and seat.mailed_at else None
                each["mail_problem"] = seat.mail_problem if seat else ""
            return told

    def answer(
        self,
        named: str,
        kinds: Sequence[RequestKind],
        *,
        yes: bool = True,
        choice: str = "",
        reason: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Answer a request of one of these kinds, with `choice` where that is given.

        `InvalidInput` for one of another kind; otherwise as `answers.answer`.
        """
        with self._found(named) as (session, request, user):
            if not self._login:
                raise NotAsked(f"{self._name} is no person, and is not asked")
            if request.kind not in kinds:
                raise InvalidInput(
                    f"this is {_article(request.kind)}", hint=f"use `approval {COMMANDS[request.kind]}`"
                )
            if not request.asked and not self._may_change_task(session, request):
                raise NotAsked(f"{self._name} may not change this run in Airflow, and is not asked")
            del user
            done = answers.answer(
                session,
                request.request_id,
                choice=choice or _choice(request, yes=yes),
                door=self._door,
                now=self._clock.now(),
                login=self._login,
                reason=reason,
                values=values,
            )
            return {
                "request": str(request.request_id),
                "decided": done.decided,
                "decision": done.request.decision,
                "by": done.by,
                "yes": done.yes,
                "needed": done.needed,
            }

    def reassign(self, named: str, *, to: str, taken_from: str = "", why: str) -> dict[str, Any]:
        """Ask somebody else. `NotAsked` for a login that may not decide that; whoever may not answer chooses
        nobody either; as `requests.reassign`.
        """
        why = audit_reason(why)
        with self._found(named) as (session, request, user):
            may = user.role in GIVES_TO_OTHERS if user else self._may_change_task(session, request)
            if not may:
                raise NotAsked(
                    f"{self._name} may not give requests to others",
                    hint="an admin or an operator of the organization may",
                )
            refusal = barred.of_run(session, requests.run_of(session, request)).refusal(user, self._login)
            if refusal is not None:
                raise type(refusal)(
                    f"{self._name} may not choose who answers: {refusal.message.partition(':')[0]}",
                    hint="another admin or operator of the organization may",
                )
            given = requests.reassign(
                session,
                request.request_id,
                to_email=to,
                from_email=taken_from,
                by=self._actor,
                why=why,
                now=self._clock.now(),
            )
            return {"request": str(request.request_id), "to": to, "why": given.why}

    def delegate(
        self, org: str, *, to: str, starts_on: dt.date | None, ends_on: dt.date, why: str, giver: str = ""
    ) -> dict[str, Any]:
        """Somebody answers in the place of the login, or of `giver` where an admin says so."""
        member = self._member(org)
        now = self._clock.now()
        if giver and giver.lower() != member.user.email and member.user.role != "admin":
            raise NotAsked("only an admin of the organization delegates for others")
        with self._database.tenant(member.org_id) as session:
            made = delegations.make(
                session,
                member.org_id,
                from_email=giver or member.user.email,
                to_email=to,
                starts_on=starts_on or now.astimezone(dt.UTC).date(),
                ends_on=ends_on,
                by=self._actor,
                why=why,
                now=now,
            )
            return self._delegation(session, made)

    def delegations(self, org: str) -> list[dict[str, Any]]:
        """Those of the organization that are not over; the login's own alone where it does not see all."""
        member = self._member(org)
        with self._database.tenant(member.org_id) as session:
            day = self._clock.now().astimezone(dt.UTC).date()
            found = [
                each for each in delegations.every(session, member.org_id, day=day) if _concerns(each, member)
            ]
            named = {user for each in found for user in (each.from_user_id, each.to_user_id)}
            people = users.by_id(session, named)
            return [self._shown(each, people) for each in found]

    def delegation(self, org: str, named: str) -> dict[str, Any]:
        """One that was not taken back."""
        member = self._member(org)
        with self._database.tenant(member.org_id) as session:
            return self._delegation(session, _mine(session, member, named))

    def end_delegation(self, org: str, named: str) -> dict[str, Any]:
        """Take it back: one's own, or any where the login is an admin's."""
        member = self._member(org)
        with self._database.tenant(member.org_id) as session:
            mine = _mine(session, member, named)
            if member.user.role != "admin" and mine.from_user_id != member.user.user_id:
                raise NotAsked("only who has delegated, or an admin, takes it back")
            ended = delegations.end(
                session, member.org_id, mine.delegation_id, by=self._actor, now=self._clock.now()
            )
            return self._delegation(session, ended)

    def _delegation(self, session: Session, each: Delegation) -> dict[str, Any]:
        people = users.by_id(session, [each.from_user_id, each.to_user_id])
        return self._shown(each, people)

    def _shown(self, each: Delegation, people: Mapping[uuid.UUID, User]) -> dict[str, Any]:
        """People name it by the beginning of its id, programs have all of it."""
        giver, taker = people[each.from_user_id], people[each.to_user_id]
        whole = str(each.delegation_id)
        return {
            "delegation": whole if self._door == "api" else whole[:8],
            "of": giver.email,
            "to": taker.email,
            "from_day": str(each.starts_on),
            "to_day": str(each.ends_on),
            "why": each.why,
            "made_by": each.made_by,
            "ended_at": each.ended_at,
        }

    def _memberships(self) -> list[Member]:
        query = (
            select(Organization.org_id, Organization.slug, User)
            .join(User, User.org_id == Organization.org_id)
            .where(_is_login(self._login), User.is_active)
            .order_by(Organization.slug)
        )
        if self._org_id is not None:
            query = query.where(Organization.org_id == self._org_id)
        with self._database.service() as session:
            return [Member(*row) for row in session.execute(query)]

    def _member(self, org: str) -> Member:
        """In this organization; where the login has one alone, it need not be named."""
        found = [each for each in self._memberships() if org in {"", each.org, str(each.org_id)}]
        if len(found) > 1:
            named = ", ".join(each.org for each in found)
            raise InvalidInput(f"{self._name} is a user of several organizations", hint=f"--org: {named}")
        if not found:
            of = f" of {org}" if org else " of any organization"
            raise NotKnown(
                f"{self._name} is no user{of}", hint="`user create --airflow-login` makes one of a login"
            )
        return found[0]

    @contextmanager
    def _found(self, named: str) -> Iterator[tuple[Session, HumanRequest, User | None]]:
        """In a transaction of its organization: the request, and the login's user there."""
        with self._database.service() as session:
            known = [self._org_id] if self._org_id else [each.org_id for each in self._memberships()]
            org_id, request_id = one(session, named, known)
        with self._database.tenant(org_id) as session:
            request = requests.find(session, request_id)
            yield session, request, answers.person(session, request, login=self._login)

    def _sees_all(self, session: Session, request: HumanRequest, user: User | None) -> bool:
        return user.role in SEES_ALL if user else self._may_change_task(session, request)

    def _may_change_task(self, session: Session, request: HumanRequest) -> bool:
        run = requests.run_of(session, request)
        return self._may_change(run.dag_id, run.dag_run_id, request.node_key)


def _line(request: Request, held: Held) -> dict[str, Any]:
    return {
        "request": str(request.request_id)[:8],
        "kind": request.kind.value,
        "subject": request.subject,
        "waits_for": shown.in_words(held),
        "until": request.deadline or request.due_at,
        "run": f"{request.dag_id}/{request.dag_run_id}",
    }


def _all_of(session: Session, member: Member, now: dt.datetime, most: int) -> list[tuple[Request, Held]]:
    there = shown.every(session, member.org_id, most=most)
    held = holding.of_requests(session, there, now=now)
    return [(each, held[each.request_id]) for each in there]


def _held(session: Session, member: Member, now: dt.datetime, most: int) -> list[tuple[Request, Held]]:
    """What the user may answer now: as who is asked, or as who stands in for them."""
    user_id = member.user.user_id
    theirs = delegations.standing_for(session, user_id, now.astimezone(dt.UTC).date())
    there = shown.asked_of(session, member.org_id, user_id, theirs, most=most)
    held = holding.of_requests(session, there, now=now)
    found = [(each, held[each.request_id]) for each in there]
    return [each for each in found if each[1].may_answer(user_id)]


def one(session: Session, named: str, org_ids: Sequence[uuid.UUID]) -> tuple[uuid.UUID, uuid.UUID]:
    """Organization and id of the request; among those of the login's organizations, where it has some."""
    text = named.strip().lower()
    if len(text) < SHORTEST or not set(text) <= set("0123456789abcdef-"):
        raise InvalidInput(
            f"{named!r} is no id of a request", hint="`approval list` shows them; its first 8 characters do"
        )
    query = select(HumanRequest.org_id, HumanRequest.request_id).where(
        cast(HumanRequest.request_id, String).startswith(text, autoescape=True)
    )
    if org_ids:
        query = query.where(HumanRequest.org_id.in_(org_ids))
    found = session.execute(query.limit(2)).all()
    if len(found) > 1:
        raise InvalidInput(f"several requests begin with {named!r}", hint="write more of its id")
    if not found:
        raise _unknown(named)
    org_id, request_id = found[0]
    return org_id, request_id


def _unknown(named: str) -> NotKnown:
    return NotKnown(f"there is no request {named!r}", hint="`approval list` shows what you are asked")


def _choice(request: HumanRequest, *, yes: bool) -> str:
    if yes:
        return str(request.options[0])
    others = [str(each) for each in request.options[1:]]
    if not others:
        raise InvalidInput(f"{_article(request.kind)} cannot be refused", hint="give it to somebody else")
    return others[0]


def _article(kind: RequestKind) -> str:
    return {RequestKind.APPROVAL: "an approval", RequestKind.FORM: "a form", RequestKind.TASK: "a task"}[kind]


def _is_login(login: str) -> Any:
    return or_(User.airflow_login == login, func.lower(User.email) == login.lower())


def _is(delegation_id: uuid.UUID, named: str) -> bool:
    return len(named) >= SHORTEST and str(delegation_id).startswith(named.strip().lower())


def _mine(session: Session, member: Member, named: str) -> Delegation:
    there = [each for each in delegations.every(session, member.org_id) if _is(each.delegation_id, named)]
    mine = [each for each in there if _concerns(each, member)]
    if len(mine) != 1:
        raise NotKnown(f"there is no delegation {named!r}", hint="`approval delegations` lists them")
    return mine[0]


def _concerns(delegation: Delegation, member: Member) -> bool:
    return member.user.role in SEES_ALL or member.user.user_id in {
        delegation.from_user_id,
        delegation.to_user_id,
    }
