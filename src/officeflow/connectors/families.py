"""What each family of connectors can do: the protocols that node types are written against, and the values
that go in and out.

Every method that writes takes the act's idempotency `key` and reads back what it claims to have done
(`NothingHappened` otherwise). All raise `officeflow.errors.ConnectorError` only. Whoever opened one closes
it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account in an identity provider. `id` is the provider's own, `login` the user name.

    `active_told` is False where the provider does not say whether it is active. `foreign` is True where
    `external_id`, then as it stands there, is another organization's. `employee_number` is what the directory
    itself calls so, whatever identity we gave the account. `groups_known` is False where the provider has no
    groups that could be asked.
    """

    id: str
    login: str
    active: bool
    active_told: bool = True
    external_id: str | None = None
    foreign: bool = False
    employee_number: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    emails: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_known: bool = True
    created_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is created with. None means: the field is not sent at all."""

    login: str
    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    title: str | None = None
    department: str | None = None
    active: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


class IdentityProvider(Protocol):
    address: str
    """For people: what the log names as the system, without credentials."""

    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        """The one account that matches all that is given, with its groups; None where there is none;
        `Conflict` where there are several.
        """
        ...

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        """Every account that matches all that is given, without groups; empty too where the provider cannot
        be asked for that.
        """
        ...

    def get_account(self, account_id: str) -> Account:
        """The account with its groups; `NotFound` where there is none."""
        ...

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        """`Conflict` where the login exists already; `NothingHappened` where it reads back otherwise than it
        was created.
        """
        ...

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        """`NotFound` where there is no such account."""
        ...

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """Make the account a direct member of exactly these groups, by display name, whose case only counts
        where it tells two apart.

        A group that does not exist is `NotFound` naming it.
        """
        ...

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """End the account's membership in these groups, by display name, and in no other; one that it is not
        in is left alone.
        """
        ...

    def delete_account(self, account_id: str, *, key: str) -> None:
        """`NotFound` where there is no such account."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    filename: str
    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None
    sender: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """What became of a mail for each recipient, by their bare addresses in ASCII: all of them are in one of
    the three.

    `refused` and `put_off` are recipients to the server's reason. A recipient that was put off may be taken
    later.
    """

    message_id: str
    accepted: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    put_off: Mapping[str, str] = field(default_factory=dict)


class MailSender(Protocol):
    address: str

    def send(self, mail: Mail, *, key: str, leave_out: Container[str] = ()) -> SentMail:
        """Hand the mail to the server; its Message-ID is made from the key.

        Recipients that are in `leave_out` (they have an end already) stand in the mail, and it is not sent to
        them. Returning means that the server has answered for each of the others; an error that nobody got it
        now, or (`maybe_done`) that nobody knows.
        """
        ...

    def close(self) -> None: ...


OWN_UID = "officeflow-"
"""What the UIDs of events begin with that acts make; a key follows."""
MeetingForm = Literal["zoned", "floating", "all_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """`start` and `end` are aware and carry the zone that the meeting is held in.

    `form` is "floating" where a calendar gives times without a zone (each reader's own clock counts) and
    "all_day" where it gives days: they are told in UTC, and written without a zone as they were. `key` is
    that of the act that made it, where the calendar kept it.
    """

    uid: str
    title: str
    start: dt.datetime
    end: dt.datetime
    attendees: tuple[str, ...] = ()
    organizer: str | None = None
    location: str | None = None
    description: str | None = None
    cancelled: bool = False
    url: str | None = None
    form: MeetingForm = "zoned"
    key: str | None = None
    created_at: dt.datetime | None = None

    def shown(self, moment: dt.datetime) -> dt.datetime:
        """`start` or `end` as it is told: without a zone where it has none."""
        return moment if self.form == "zoned" else moment.replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingChange:
    """What is to be different about a meeting; None leaves it as it is.

    `start` and `end` come together, with `form`, as in `Meeting`.

    An empty `location` or `description` removes it.
    """

    title: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    form: MeetingForm = "zoned"
    attendees: tuple[str, ...] | None = None
    location: str | None = None
    description: str | None = None


class Calendar(Protocol):
    address: str

    def find_event(self, uid: str, *, calendar: str | None = None) -> Meeting | None: ...

    def find_like(self, meeting: Meeting, *, calendar: str | None = None) -> Sequence[Meeting]:
        """Events that take place at the same time under the same title with the same people invited, whatever
        their UID.
        """
        ...

    def create_event(self, meeting: Meeting, *, calendar: str | None = None, key: str) -> Meeting:
        """`Conflict` where the UID exists already."""
        ...

    def update_event(
        self, uid: str, change: MeetingChange, *, calendar: str | None = None, key: str
    ) -> Meeting:
        """Change it as it stands now: `NotFound` where there is none, `Conflict` where it is cancelled or
        changes meanwhile.
        """
        ...

    def cancel_event(self, uid: str, *, calendar: str | None = None, key: str) -> Meeting | None:
        """Mark it cancelled, or `NotFound`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """`url` is a whole address, or a path below the connection's.

    `keep` is whether the answer's body is wanted.

    `seconds` is how long it may take in all, redirects and body counted in.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    keep: bool = True
    seconds: float = 60.0

    @property
    def writes(self) -> bool:
        return self.method not in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """`url` is where it came from, after redirects, without its query.

    `headers` are by their lower-case names.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes = field(default=b"", repr=False)


class WebSystem(Protocol):
    address: str

    def send(self, request: WebRequest, *, expected: Container[int], key: str) -> WebAnswer:
        """The answer, whose status is one of the expected; otherwise the error that the status stands for."""
        ...

    def close(self) -> None: ...
