"""What people are asked, and who may answer for whom."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.encryption import EncryptedJSON, EncryptedText
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import CHANGED_IN, Base, OrgScoped
from officeflow.statuses import AssignmentState, DecisionRule, RequestKind, RequestState


class HumanRequest(OrgScoped, Base):
    """One question of one node: it is asked once, however often its task is tried."""

    __tablename__ = "human_requests"
    __table_args__ = (
        UniqueConstraint("run_id", "node_key", "map_index", "generation", "attempt"),
        Index("ix_human_requests_deadline", "deadline", postgresql_where=text("state = 'OPEN'")),
        Index("ix_human_requests_remind_at", "remind_at", postgresql_where=text("state = 'OPEN'")),
        Index("ix_human_requests_escalate_at", "escalate_at", postgresql_where=text("state = 'OPEN'")),
        Index(
            "ix_human_requests_untold",
            "decided_at",
            postgresql_where=text("state IN ('DECIDED', 'EXPIRED') AND told_airflow_at IS NULL"),
        ),
        Index("ix_human_requests_newest", "org_id", "created_at", "request_id"),
        Index(
            "ix_human_requests_open",
            "org_id",
            "created_at",
            "request_id",
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("ix_human_requests_changed", "org_id", "changed_in", "request_id"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"))
    node_key: Mapped[str] = mapped_column(String(250))
    """The Airflow task id."""
    map_index: Mapped[int] = mapped_column(Integer, default=-1, server_default="-1")
    generation: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Of the node's act: a redo asks anew."""
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Of the act that asks: one that failed by an answer asks anew when it is cleared."""
    kind: MappedStatus[RequestKind] = status_column(RequestKind, 20)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(EncryptedText("human_requests.body", was_plain=True), default="")
    options: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What may be answered; the first one is the yes."""
    reasons: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Those of the options that need a reason."""
    rule: MappedStatus[DecisionRule] = status_column(
        DecisionRule, 10, default=DecisionRule.ANY, server_default=DecisionRule.ANY
    )
    needed: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """How many different people have to say yes, by the rule `n`."""
    asked: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Whom the workflow asks: `[{"user": …}, {"role": …}, {"group": …}, {"manager": true}]`; nobody in
    particular where it is empty: then whoever may change the run in Airflow may answer.
    """
    form: Mapped[Any | None] = mapped_column(EncryptedJSON("human_requests.form", was_plain=True))
    """JSON Schema of the answers; its fields keep their order."""
    deadline: Mapped[dt.datetime | None]
    default_choice: Mapped[str] = mapped_column(String(50), default="", server_default="")
    """What counts after the deadline; "" where then nothing does."""
    due_at: Mapped[dt.datetime | None]
    """Of a task: by when it should be done; nothing ends then."""
    remind_at: Mapped[dt.datetime | None]
    """When the next reminder is due."""
    escalate_at: Mapped[dt.datetime | None]
    escalate_to: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """As `asked`."""
    escalated_at: Mapped[dt.datetime | None]
    unasked: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Why people whom the workflow names are not asked, for people: `["manager of E-1: …"]`."""
    not_counted: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The last answers that did not count: `[{"at", "by", "door", "choice", "why"}]`."""
    state: MappedStatus[RequestState] = status_column(
        RequestState, 20, default=RequestState.OPEN, server_default=RequestState.OPEN
    )
    decision: Mapped[str] = mapped_column(String(50), default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[dt.datetime | None]
    told_airflow_at: Mapped[dt.datetime | None]
    """When Airflow was seen to know of the decision; its task goes on from then."""
    changed_in: Mapped[int] = mapped_column(BigInteger, server_default=CHANGED_IN)
    """The transaction that changed it, or who is asked, last; triggers write it."""


class HumanAssignment(OrgScoped, Base):
    """Somebody who is asked, and what they, or who stands in for them, said."""

    __tablename__ = "human_assignments"
    __table_args__ = (
        UniqueConstraint("request_id", "user_id"),
        Index(
            "ix_human_assignments_unmailed",
            "created_at",
            postgresql_where=text("state = 'OPEN' AND mailed_at IS NULL"),
        ),
        Index("ix_human_assignments_user", "user_id", "state"),
        Index("ix_human_assignments_request", "request_id"),
    )

    assignment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("human_requests.request_id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.user_id"))
    """Who is asked. None where nobody in particular is: then the row is the answer of `login`."""
    why: Mapped[str] = mapped_column(String(255))
    """How they came to it, for people: `manager of E-1001`, `role operator`, `reassigned by …`."""
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.user_id"))
    """Who answered: they themselves, or who stood in for them on that day."""
    login: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """The Airflow login that answered; "" where none is known."""
    state: MappedStatus[AssignmentState] = status_column(
        AssignmentState, 20, default=AssignmentState.OPEN, server_default=AssignmentState.OPEN
    )
    choice: Mapped[str] = mapped_column(String(50), default="", server_default="")
    reason: Mapped[str] = mapped_column(default="", server_default="")
    answer: Mapped[Any | None] = mapped_column(EncryptedJSON("human_assignments.answer"))
    """What was filled in."""
    answered_at: Mapped[dt.datetime | None]
    door: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """`airflow`, `command`, `api` or `link`."""
    mailed_at: Mapped[dt.datetime | None]
    """When a mail server took the mail that asks them, or refused it for good."""
    mail_problem: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """Why they have no mail; "" where they have one, or will get it."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Delegation(OrgScoped, Base):
    """From one day to another somebody answers in somebody else's place."""

    __tablename__ = "delegations"
    __table_args__ = (Index("ix_delegations_from", "from_user_id", "starts_on"),)

    delegation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.user_id"))
    to_user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.user_id"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    """The last day of it."""
    made_by: Mapped[str] = mapped_column(String(255))
    why: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
    """When it was taken back."""


class AnswerLink(OrgScoped, Base):
    """A mailed address by which one answer can be given, once."""

    __tablename__ = "answer_links"
    __table_args__ = (Index("ix_answer_links_assignment", "assignment_id", "user_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of what stands in the address."""
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("human_assignments.assignment_id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.user_id"))
    """Whom it was mailed to: who is asked, or who stood in for them."""
    expires_at: Mapped[dt.datetime]
    mailed_at: Mapped[dt.datetime | None]
    """When a mail server took the mail with it, or refused that for good."""
    used_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class UserGroup(OrgScoped, Base):
    """A user's membership in a group of the organization: whom workflows may ask together."""

    __tablename__ = "user_groups"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "group_name"], ["groups.org_id", "groups.name"], onupdate="CASCADE"),
        Index("ix_user_groups_user_id", "user_id"),
        Index("ix_user_groups_org_id_group_name", "org_id", "group_name", "user_id"),
    )

    group_name: Mapped[str] = mapped_column(String(100), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.user_id"), primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
