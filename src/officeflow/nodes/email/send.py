"""`email.send`."""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import parseaddr
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from officeflow.catalog.spec import Effect, NodeSpec
from officeflow.connectors.families import Attachment, Mail, MailSender
from officeflow.nodes.base import Act, Node, NodeOutput, NodeParams
from officeflow.nodes.email._text import text_of
from officeflow.nodes.fields import HtmlTemplate, TextTemplate, as_list

MAX_ATTACHMENTS_BYTES = 10 * 1024 * 1024


def _one_address(text: str) -> str:
    _, address = parseaddr(text)
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
        raise ValueError(f"{text!r} is not an e-mail address: write ana@acme.example or Ana Pérez <ana@acme.example>")
    return text


Address = Annotated[str, Field(max_length=320), AfterValidator(_one_address)]
Addresses = Annotated[list[Address], BeforeValidator(as_list, json_schema_input_type=str | list[str]), Field(max_length=100)]


class AttachedFile(NodeParams):
    """A file that goes with the mail, its content as text or in base64."""

    filename: str = Field(description="Name that the reader sees.", pattern=r"^[^/\\\x00-\x1f]+$", max_length=200)
    media_type: str = Field("text/plain", description="What it is.", examples=["application/pdf"], pattern=r"^[\w.+-]+/[\w.+-]+$")
    text: str | None = Field(None, description="Content, where it is text.")
    base64: str | None = Field(None, description="Content in base64, where it is not.")

    @model_validator(mode="after")
    def _has_one_content(self) -> AttachedFile:
        if (self.text is None) == (self.base64 is None):
            raise ValueError("one of text and base64 is needed")
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
    """The mail. `subject`, `text` and `html` are templates (Jinja, sandboxed) that see event, employee, nodes, org and run."""

    to: Addresses = Field(description="Recipients.", examples=[["ana@acme.example"]], min_length=1)
    cc: Addresses = Field(default_factory=list, description="Recipients of a copy.")
    bcc: Addresses = Field(default_factory=list, description="Recipients of a copy whom the others do not see.")
    subject: TextTemplate = Field(description="Subject.", examples=["Welcome, {{ employee.first_name }}"], min_length=1, max_length=900)
    text: TextTemplate = Field(
        "", description="Body as plain text; made from `html` where it is left out.", examples=["Hello {{ employee.first_name }}, welcome!"]
    )
    html: HtmlTemplate = Field("", description="Body in HTML. Every value put into it is escaped.")
    sender: Address | None = Field(None, description="From; the connection's sender where it is left out.")
    reply_to: Address | None = Field(None, description="Where answers go.")
    locale: str | None = Field(
        None, description="Language of the mail.", examples=["en", "es-MX"], pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
    )
    attachments: list[AttachedFile] = Field(default_factory=list, description="Files, together up to 10 MiB.", max_length=20)

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
    accepted: list[str] = Field(description="Addresses for which the server took the mail.")
    refused: dict[str, str] = Field(description="Addresses that it refused, with its reason, where it took the mail for others.")


class Send(Node[Params, MailSender, Result]):
    """Send a mail. Nobody can call it back, and nobody can ask a mail server whether it was sent: in doubt a person decides."""

    spec = NodeSpec(
        type="email.send",
        title="Send mail",
        group="E-mail",
        effect=Effect.AT_MOST_ONCE,
        family="mail",
        irreversible=True,
        evidence="The mail server's word that it took the mail, for each recipient; the Message-ID is made from the act's key.",
    )

    def perform(self, params: Params, provider: MailSender, act: Act) -> Result:
        mail = _mail(params)
        sent = provider.send(mail, key=act.key)
        act.changed(f"{provider.address} took “{mail.subject}” for {', '.join(sent.accepted)}, as {sent.message_id}")
        for recipient, reason in sent.refused.items():
            act.note(f"it refused {recipient}: {reason}")
        return Result(message_id=sent.message_id, accepted=list(sent.accepted), refused=dict(sent.refused))


def _mail(params: Params) -> Mail:
    return Mail(
        to=tuple(params.to),
        cc=tuple(params.cc),
        bcc=tuple(params.bcc),
        subject=" ".join(params.subject.split()),
        text=params.text if params.text.strip() else text_of(params.html),
        html=params.html if params.html.strip() else None,
        sender=params.sender,
        reply_to=params.reply_to,
        attachments=tuple(Attachment(filename=a.filename, content=a.content(), media_type=a.media_type) for a in params.attachments),
        headers={"Content-Language": params.locale} if params.locale else {},
    )
