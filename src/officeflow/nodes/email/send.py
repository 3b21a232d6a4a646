"""`email.send`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from pydantic import Field, model_validator

from officeflow.addresses import one_line
from officeflow.connectors.families import Family
from officeflow.connectors.families.mail import Attachment, Mail, SendsMail, SentMail
from officeflow.errors import Rejected, Transient
from officeflow.nodes.email._text import text_of
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    HtmlTemplate,
    Mailbox,
    Mailboxes,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    TextTemplate,
    irreversible,
)

MAX_ATTACHMENTS_BYTES = 10 * 1024 * 1024


class AttachedFile(NodeParams):
    """A file that goes with the mail, its content as text or in base64."""

    filename: str = Field(
        description="Name that the reader sees.",
        pattern=r"^[^/\\\x00-\x1f\x7f-\x9f\u2028\u2029]+$",
        max_length=200,
    )
    media_type: str = Field(
        "text/plain",
        description="What it is.",
        examples=["application/pdf"],
        pattern=r"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+_-]+$",
    )
    text: str | None = Field(None, description="Content, where it is text.")
    base64: str | None = Field(None, description="Content in base64, where it is not.")

    @model_validator(mode="after")
    def _has_one_content(self) -> AttachedFile:
        if (self.text is None) == (self.base64 is None):
            raise ValueError("one of text and base64 is needed")
        if self.media_type.lower().startswith(("message/", "multipart/")):
            raise ValueError("media_type: a file that is a mail itself goes as application/octet-stream")
        self.content()
        return self

    def content(self) -> bytes:
        if self.base64 is None:
            return (self.text or "").encode()
        try:
            return base64.b64decode(self.base64, validate=True)
        except binascii.Error as error:
            raise ValueError("base64: that is not base64") from error


class Params(NodeParams):
    """The mail.

    `subject`, `text` and `html` are templates (Jinja, sandboxed) that see event, employee, nodes, org and
    run.
    """

    to: Mailboxes = Field(
        description="Recipients, each `ana@acme.example` or `Ana Pérez <ana@acme.example>`.",
        examples=[["ana@acme.example"]],
        min_length=1,
    )
    cc: Mailboxes = Field(default_factory=list, description="Recipients of a copy.")
    bcc: Mailboxes = Field(
        default_factory=list, description="Recipients of a copy whom the others do not see."
    )
    subject: TextTemplate = Field(
        description="Subject.", examples=["Welcome, {{ employee.given_name }}"], min_length=1, max_length=900
    )
    text: TextTemplate = Field(
        "",
        description="Body as plain text; made from `html` where it is left out.",
        examples=["Hello {{ employee.given_name }}, welcome!"],
    )
    html: HtmlTemplate = Field("", description="Body in HTML. Every value put into it is escaped.")
    sender: Mailbox | None = Field(None, description="From; the connection's sender where it is left out.")
    reply_to: Mailbox | None = Field(None, description="Where answers go.")
    locale: str | None = Field(
        None,
        description="Language of the mail.",
        examples=["en", "es-MX"],
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
    )
    attachments: list[AttachedFile] = Field(
        default_factory=list, description="Files, together up to 10 MiB.", max_length=20
    )

    @model_validator(mode="after")
    def _has_a_body_of_some_size(self) -> Params:
        if not (self.text.strip() or self.html.strip()):
            raise ValueError("one of text and html is needed")
        if sum(len(attachment.content()) for attachment in self.attachments) > MAX_ATTACHMENTS_BYTES:
            raise ValueError("the attachments are larger than 10 MiB")
        return self


class Result(NodeOutput):
    """What the mail server took."""

    message_id: str = Field(description="The mail's Message-ID, made from the act's key.")
    accepted: list[str] = Field(
        description="Addresses for which the server took the mail, in this try or one before."
    )
    refused: dict[str, str] = Field(
        description="Addresses that it refused for good, with its reason, where it took the mail for others."
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """What became of the mail for each recipient that has an end, over all tries."""

    accepted: list[str]
    refused: dict[str, str]

    @classmethod
    def before(cls, act: Act) -> Ends:
        """Who got it stays so.

        Who was refused is asked again where a person has cleared the task: the mailbox may be there now.
        """
        refused = act.progress.get("refused", {}) if act.retries else {}
        return cls(list(act.progress.get("accepted", [])), dict(refused))

    def and_now(self, sent: SentMail) -> Ends:
        return Ends([*self.accepted, *sent.accepted], {**self.refused, **sent.refused})

    def keep(self, act: Act) -> None:
        act.progress.update(asdict(self))


class Send(Node[Params, SendsMail, Result]):
    """Send a mail.

    Nobody can call it back, and nobody can ask a mail server whether it was sent: in doubt a person decides.

    Each recipient has an end of its own. Who was put off (450 and the like) is tried again, alone, as often
    as the node's retry policy says; then the node fails and names them, and clearing its task tries those
    alone again. Who got the mail never gets it twice.
    """

    spec = NodeSpec(
        type="email.send",
        title="Send mail",
        group="E-mail",
        effect=Effect.AT_MOST_ONCE,
        family=Family.MAIL,
        irreversible=True,
        evidence=(
            "The mail server's word that it took the mail, for each recipient; the Message-ID is made from"
            " the act's key."
        ),
    )

    def perform(self, params: Params, provider: SendsMail, act: Act) -> Result:
        mail = _mail(params)
        before = Ends.before(act)
        sent = provider.send(mail, key=act.key, leave_out={*before.accepted, *before.refused})
        ends = before.and_now(sent)
        ends.keep(act)
        _tell(act, provider, mail, before, sent)
        if sent.put_off:
            raise _put_off(provider, sent, ends)
        if not ends.accepted:
            raise Rejected(
                f"{provider.address} refused every recipient: {_listed(ends.refused)}", operation="send"
            )
        return Result(message_id=sent.message_id, accepted=ends.accepted, refused=ends.refused)

    def plan(self, params: Params, provider: SendsMail, act: Act) -> Sequence[Planned]:
        """The mail that leaves, to whom; not what it says."""
        mail, ends = _mail(params), Ends.before(act)
        has_it = {*ends.accepted, *ends.refused}
        told: dict[str, object] = {
            "to": [each for each in mail.to if each not in has_it],
            "cc": list(mail.cc),
            "bcc": list(mail.bcc),
            "attachments": [each.filename for each in mail.attachments],
        }
        fields = [FieldChange(field=name, after=value) for name, value in told.items() if value]
        return (irreversible(f"mail “{mail.subject}” by {provider.address}", fields),)


def _tell(act: Act, provider: SendsMail, mail: Mail, before: Ends, sent: SentMail) -> None:
    if before.accepted:
        act.found(f"a try before has sent it to {', '.join(before.accepted)}")
    if sent.accepted:
        act.changed(
            f"{provider.address} took “{mail.subject}” for {', '.join(sent.accepted)}, as {sent.message_id}"
        )
    for recipient, reason in sent.refused.items():
        act.note(f"it refused {recipient}: {reason}")
    for recipient, reason in sent.put_off.items():
        act.note(f"it put {recipient} off: {reason}")


def _put_off(provider: SendsMail, sent: SentMail, ends: Ends) -> Transient:
    others = f"; {len(ends.accepted)} have it and will not get it again" if ends.accepted else ""
    return Transient(
        f"{provider.address} put off {_listed(sent.put_off)}{others}",
        operation="send",
        hint="where no try is left, clearing the task tries those alone",
    )


def _listed(reasons: Mapping[str, str]) -> str:
    return ", ".join(f"{recipient} ({reason})" for recipient, reason in reasons.items())


def _mail(params: Params) -> Mail:
    return Mail(
        to=tuple(params.to),
        cc=tuple(params.cc),
        bcc=tuple(params.bcc),
        subject=one_line(params.subject),
        text=params.text if params.text.strip() else text_of(params.html),
        html=params.html if params.html.strip() else None,
        sender=params.sender,
        reply_to=params.reply_to,
        attachments=tuple(
            Attachment(filename=a.filename, content=a.content(), media_type=a.media_type)
            for a in params.attachments
        ),
        headers={"Content-Language": params.locale} if params.locale else {},
    )
