"""`identity.apply_access`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from officeflow.access.entitled import Due, due, ruled, today
from officeflow.access.holdings import Difference, Holdings, difference, is_it, singular
from officeflow.access.rules import EntitlementKind, Rules, parse
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, Entitlement, FindsAccounts
from officeflow.errors import AnswerNeeded, InvalidInput, NothingHappened, NotYet
from officeflow.nodes.human._asking import RuledParams
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import (
    Act,
    Decision,
    Duration,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    Question,
    changes,
)
from officeflow.statuses import RequestKind

APPROVE, REJECT = "Approve", "Reject"
Taken = tuple[EntitlementKind, str]


class Params(AccountParams, RuledParams):
    """Whose access, who is asked about what is sensitive, and how long what goes overlaps."""

    overlap: Duration = Field(
        dt.timedelta(0),
        description="How long what goes stays beside what comes: ISO 8601 or seconds.",
        examples=["P14D"],
    )
    strict: bool = Field(
        False,
        description=(
            "Whether what no rule of the organization names is taken away too; otherwise it is left as it is."
        ),
    )


class Access(BaseModel):
    """Entitlements by their names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: list[str] = Field(default_factory=list, description="Groups.")
    roles: list[str] = Field(default_factory=list, description="Roles.")
    licences: list[str] = Field(default_factory=list, description="Licences.")
    applications: list[str] = Field(
        default_factory=list, description="Applications; one's role stands behind it."
    )

    def every(self) -> list[Taken]:
        return [(kind, name) for kind in EntitlementKind for name in getattr(self, kind.value)]

    @classmethod
    def of(cls, what: Sequence[Taken]) -> Access:
        return cls(**{kind.value: [name for each, name in what if each is kind] for kind in EntitlementKind})


class Result(NodeOutput):
    """What came and what went."""

    account_id: str = Field(description="The provider's own id of the account.")
    version: int = Field(description="Of the organization's access rules.")
    added: Access = Field(description="What the account has now and had not before.")
    removed: Access = Field(description="What it had before and has not any more.")
    refused: Access = Field(description="What is sensitive and was not allowed.")
    left: list[str] = Field(
        description="What a rule of the system, or a group, gives or keeps: left, with why."
    )
    decided_by: str = Field(
        "", description='Who said yes or no to what is sensitive; "" where nobody was asked.'
    )


class ApplyAccess(Node[Params, FindsAccounts, Result]):
    """Give a person what the organization's access rules say that they should have in this system, with their
    record as it is now, and take away what the rules give to others alone.

    What comes is given at once; what is sensitive once people have said yes, never the person themselves.
    What goes stays for `overlap`, and goes then if rules and record still say so. No process waits meanwhile.
    What no rule names is left as it is, unless `strict`.
    """

    spec = NodeSpec(
        type="identity.apply_access",
        title="Apply access rules",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account loses what it was given and has again what was taken from it; all else stays.",
        evidence="What the account has is read again and compared with the rules.",
    )
    asks_people = True

    @classmethod
    def reads(cls, params: Mapping[str, Any]) -> frozenset[str]:
        del params
        return frozenset({"employee", "org"})

    def perform(self, params: Params, provider: FindsAccounts, act: Act) -> Result:
        account = locate(params, provider, act)
        course = _Course(params, Holdings(provider, account), act)
        course.begin()
        course.give(course.plain)
        course.decide()
        course.give(course.allowed)
        course.wait()
        course.take()
        return course.result()

    def plan(self, params: Params, provider: FindsAccounts, act: Act) -> Sequence[Planned]:
        """What the account has of each kind before and after it, what is asked about, and what is left."""
        account = locate(params, provider, act)
        holdings, ruling = Holdings(provider, account), Ruling(act)
        found = difference(holdings, ruling.due, ruling.named, strict=params.strict)
        fields = [_field(kind, holdings, found) for kind in _touched(found)]
        until = (act.now + params.overlap).isoformat(timespec="minutes")
        asked = ", ".join(each.label for each in found.add if each.sensitive)
        notes = [
            f"people are asked about {asked}" if asked else "",
            f"what goes stays until {until}" if found.remove and params.overlap else "",
            f"left as it is: {'; '.join(found.left)}" if found.left else "",
        ]
        return (changes(at(account, provider), fields, "; ".join(filter(None, notes))),)

    def undo(self, params: Params, output: Result, provider: FindsAccounts, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None:
            return
        holdings = Holdings(provider, account)
        given = [each for each in output.added.every() if _has(holdings, *each)]
        taken = [holdings.named(*each) for each in output.removed.every() if not _has(holdings, *each)]
        if not given and not taken:
            act.note("its access is as it was before already")
            return
        holdings.take(given, act.key)
        holdings.give(taken, act.key)
        act.changed(f"without {_names(given)} again; with {_names([(e.kind, e.label) for e in taken])} again")
        act.read_back(described(provider.get_account(account.id)))


class Ruling:
    """What the organization's rules say of the person at the act's connection."""

    def __init__(self, act: Act) -> None:
        record = act.values.get("employee")
        if not record:
            raise InvalidInput("the run is about no person that is known, whose access could be told")
        kept = act.access_rules()
        self.version = int(kept["version"])
        rules: Rules = parse(kept["document"])
        day = today(act.values.get("org", {}).get("settings", {}), act.now)
        self.due = [each for each in due(rules, record, day) if each.connection == act.connection]
        self.named = ruled(rules, act.connection)


class _Course:
    """One act from its first look to its end, over as many attempts as it takes.

    What the act's progress keeps: `version`, `add` and `remove`, as the first look found them; `left`;
    `decision`, by whom and whether; `until`.
    """

    def __init__(self, params: Params, holdings: Holdings, act: Act) -> None:
        self.params, self.holdings, self.act = params, holdings, act
        self.ruling = Ruling(act)
        self.kept = act.progress

    def begin(self) -> None:
        """Look, once, before anything is changed: what an attempt that ends in the middle has done is known
        by it.
        """
        if "add" in self.kept:
            return
        found = difference(self.holdings, self.ruling.due, self.ruling.named, strict=self.params.strict)
        self.kept.update(
            version=self.ruling.version,
            add=[_written(each) for each in found.add],
            remove=[[kind.value, name] for kind, name in found.remove],
            left=list(found.left),
        )
        self.act.found(_told(found, self.ruling.named))
        for each in found.left:
            self.act.note(f"left as it is: {each}")
        self.act.keep_progress()

    @property
    def added(self) -> list[Due]:
        return [_read(each) for each in self.kept["add"]]

    @property
    def plain(self) -> list[Due]:
        return [each for each in self.added if not each.sensitive]

    @property
    def sensitive(self) -> list[Due]:
        return [each for each in self.added if each.sensitive]

    @property
    def allowed(self) -> list[Due]:
        """Of what was asked about, what is due still: the record may be another one by now."""
        if not self.kept.get("decision", {}).get("yes"):
            return []
        now = {(each.kind, each.label) for each in self.ruling.due}
        return [each for each in self.sensitive if (each.kind, each.label) in now]

    def give(self, wanted: Sequence[Due]) -> None:
        lacking = [each for each in wanted if not _has_due(self.holdings, each)]
        if not lacking:
            return
        self.holdings.give(lacking, self.act.key)
        self.act.changed(f"gave {_by_rules(lacking)}")
        self._read_back([each for each in lacking if not _has_due(self.holdings, each)])

    def decide(self) -> None:
        """`AnswerNeeded` until people have said whether what is sensitive may be given."""
        if not self.sensitive or "decision" in self.kept:
            return
        if self.act.come is None:
            raise AnswerNeeded(
                f"may {_of(self.act)} have {_by_rules(self.sensitive)}?",
                question=_question(self.params, self.holdings.account, self.sensitive, self.act),
            )
        decision: Decision = self.act.come
        yes = decision.chosen == APPROVE
        self.kept["decision"] = {"yes": yes, "by": decision.by}
        by = decision.by or ("nobody in time" if not decision.in_time else "somebody")
        self.act.note(f"{by}: {'yes' if yes else 'no'} to {_by_rules(self.sensitive)}")
        self.act.keep_progress()

    def wait(self) -> None:
        """`NotYet` while what goes stays beside what came."""
        if not self.kept["remove"] or not self.params.overlap:
            return
        until = self.kept.setdefault("until", (self.act.now + self.params.overlap).isoformat())
        due_at = dt.datetime.fromisoformat(until)
        if self.act.now < due_at:
            raise NotYet(f"{_names(self._going())} stays until then", until=due_at)

    def take(self) -> None:
        """What is due again meanwhile stays."""
        going = [each for each in self._going() if _has(self.holdings, *each)]
        if not going:
            return
        self.holdings.take(going, self.act.key)
        self.act.changed(f"took away {_names(going)}")
        self._read_back([each for each in going if _has(self.holdings, *each)])

    def _going(self) -> list[Taken]:
        found = difference(self.holdings, self.ruling.due, self.ruling.named, strict=self.params.strict)
        first = {(EntitlementKind(kind), name) for kind, name in self.kept["remove"]}
        return [each for each in found.remove if each in first]

    def _read_back(self, wrong: Sequence[object]) -> None:
        if wrong:
            raise NothingHappened(
                f"{self.holdings.provider.address} said yes, and it reads back as before",
                operation="apply_access",
                taken=True,
            )
        self.act.read_back("it reads back so")

    def result(self) -> Result:
        account = self.holdings.account
        added = [(each.kind, each.label) for each in self.added if _has_due(self.holdings, each)]
        removed = [
            (EntitlementKind(kind), name)
            for kind, name in self.kept["remove"]
            if not _has(self.holdings, EntitlementKind(kind), name)
        ]
        refused = [(each.kind, each.label) for each in self.sensitive if not _has_due(self.holdings, each)]
        if not added and not removed:
            self.act.note("it is as the rules say already" if not refused else "nothing else is to be done")
        return Result(
            changed=bool(added or removed),
            account_id=account.id,
            version=self.kept["version"],
            added=Access.of(added),
            removed=Access.of(removed),
            refused=Access.of(refused),
            left=self.kept["left"],
            decided_by=self.kept.get("decision", {}).get("by", ""),
        )


def _question(params: Params, account: Account, wanted: Sequence[Due], act: Act) -> Question:
    lines = [f"- {singular(each.kind)} **{each.label}**, by {', '.join(each.rules)}" for each in wanted]
    return Question(
        subject=f"May {_of(act)} have {_by_rules(wanted)}?"[:200],
        body=f"For {described(account)}, the access rules say:\n\n" + "\n".join(lines),
        options=(APPROVE, REJECT),
        kind=RequestKind.APPROVAL,
        reasons=(REJECT,) if params.asked else (),
        **params.asking(),
    )


def _of(act: Act) -> str:
    return f"employee {act.employee}" if act.employee else "this person"


def _written(each: Due) -> dict[str, Any]:
    return {**each.to_json(), "name": each.name, "role": each.role}


def _read(kept: Mapping[str, Any]) -> Due:
    return Due(**{**kept, "kind": EntitlementKind(kept["kind"]), "rules": tuple(kept["rules"])})


def _has(holdings: Holdings, kind: EntitlementKind, name: str) -> bool:
    return any(each.name.casefold() == name.casefold() for each in holdings.there(kind))


def _has_due(holdings: Holdings, wanted: Due) -> bool:
    return any(is_it(wanted, each) for each in holdings.there(wanted.kind))


def _touched(found: Difference) -> list[EntitlementKind]:
    kinds = {each.kind for each in found.add} | {kind for kind, _ in found.remove}
    return [kind for kind in EntitlementKind if kind in kinds]


def _field(kind: EntitlementKind, holdings: Holdings, found: Difference) -> FieldChange:
    before = sorted(each.name for each in holdings.there(kind))
    going = {name for each, name in found.remove if each is kind}
    coming = [each.label for each in found.add if each.kind is kind]
    after = sorted([*(name for name in before if name not in going), *coming])
    return FieldChange(field=kind.value, before=before, after=after)


def _told(found: Difference, named: Mapping[EntitlementKind, Sequence[Due]]) -> str:
    """What comes by which rules, and what goes that which rules give to others."""
    coming = _by_rules(found.add) if found.add else "nothing"
    going = [
        f"{singular(kind)} {name} ({', '.join(_givers(name, named[kind])) or 'no rule names it'})"
        for kind, name in found.remove
    ]
    return f"the rules add {coming} and take away {', '.join(going) or 'nothing'}"


def _givers(name: str, named: Sequence[Due]) -> list[str]:
    there = Entitlement(id=name, name=name)
    return list(dict.fromkeys(rule for each in named if is_it(each, there) for rule in each.rules))


def _by_rules(wanted: Sequence[Due]) -> str:
    return ", ".join(f"{singular(each.kind)} {each.label} ({', '.join(each.rules)})" for each in wanted)


def _names(what: Sequence[Taken]) -> str:
    return ", ".join(f"{singular(kind)} {name}" for kind, name in what) or "nothing"
