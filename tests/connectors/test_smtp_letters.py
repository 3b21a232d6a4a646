"""What a mail is written as: whatever a value holds, it stays a value."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.connectors.families.mail import Attachment, Mail
from officeflow.connectors.smtp.client import SmtpSender
from officeflow.connectors.smtp.types import _stuffed, letter
from officeflow.errors import InvalidInput, Rejected
from officeflow.ids import header_text
from tests.connectors.contract import KEY
from tests.connectors.test_smtp import WELCOME, connection

# Texts that somebody could type into an HR system to write a header, or a body, of their own.
NASTY = [
    "=?utf-8?q?x=0D=0AReply-To:_evil@evil.example?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGV2aWwuZXhhbXBsZQ0KDQpib2R5?=",
    "a =?utf-8?q?b?= c",
    "=?utf-8?q?b?=",
    "=?us-ascii*en?Q?x=0d=0a=0d=0abody?=",
    "=?utf-8?q?=2C?=",
    '"quoted", <evil@evil.example>',
    "back\\slash; x=y",
    "Pérez, Ana 👩‍👩‍👧 (HR)",
    "%0D%0ABcc: evil@evil.example",
    "x" * 300,
    "é" * 300,
    "two  spaces and =?",
]
FIELDS = [
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "x-correlation-id",
    "mime-version",
]
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120) | st.lists(
    st.sampled_from(
        [
            "=?utf-8?q?",
            "=0D=0A",
            "?=",
            " ",
            "Bcc:x@y",
            '"',
            "\\",
            ",",
            "<",
            ">",
            "é",
            "👧",
            "=?utf-8?b?DQo=?=",
            "a",
        ]
    ),
    max_size=12,
).map("".join)


def rfc2047(value: str) -> str:
    """What a reader sees of a header: encoded words decoded, and nothing else (RFC 2047 section 6.2)."""
    word = r"=\?utf-8\?b\?([A-Za-z0-9+/]*=*)\?="
    joined = re.sub(r"(?<=\?=) (?==\?)", "", value)
    return re.sub(word, lambda found: base64.b64decode(found[1]).decode(), joined)


class TestWriting:
    def write(self, mail: Mail, sender: str = "hr@acme.example", correlation_id: str = "c") -> Any:
        return letter(
            mail,
            sender=sender,
            message_id="<m@x>",
            date="Thu, 01 Jan 2026 00:00:00 -0000",
            correlation_id=correlation_id,
        )

    @pytest.mark.parametrize(
        ("mail", "named"),
        [
            (Mail(to=("not an address",), subject="s", text="t"), "to: 'not an address'"),
            (Mail(to=("a@b\r\nBcc: x@y",), subject="s", text="t"), "to: "),
            (Mail(to=("ñandú@acme.example",), subject="s", text="t"), "SMTPUTF8"),
            (
                Mail(to=("a@b.example",), cc=("Smith, John <j@b.example>",), subject="s", text="t"),
                "cc: 'Smith, John",
            ),
            (Mail(to=("a@b.example, c@b.example",), subject="s", text="t"), "as a list"),
            (Mail(to=("a@b.example",), bcc=("x",), subject="s", text="t"), "bcc: "),
            (Mail(to=("a@b.example",), reply_to="x", subject="s", text="t"), "reply_to: "),
            (Mail(to=("a@b.example",), subject="s\r\nBcc: x@y", text="t"), "Subject"),
            (Mail(to=("a@b.example",), subject="s", text="t", headers={"X-A": "1\r\nX-B: 2"}), "X-A"),
            (Mail(to=("a@b.example",), subject="s", text="t", headers={"X-A: 1\r\nX-B": "2"}), "X-A"),
            (Mail(to=("a@b.example",), subject="s", text="t", headers={"bcc": "x@y"}), "bcc"),
            (Mail(to=("a@b.example",), subject="s", text="t", headers={"X-A": "1", "x-a": "2"}), "x-a"),
            (
                Mail(
                    to=("a@b.example",),
                    subject="s",
                    text="t",
                    attachments=(Attachment(filename="a\r\nb", content=b""),),
                ),
                "filename",
            ),
            (
                Mail(
                    to=("a@b.example",),
                    subject="s",
                    text="t",
                    attachments=(Attachment(filename="a", content=b"", media_type="a/b\r\nX: y"),),
                ),
                "type",
            ),
            (
                Mail(
                    to=("a@b.example",),
                    subject="s",
                    text="t",
                    attachments=(Attachment(filename="a", content=b"", media_type="multipart/mixed"),),
                ),
                "type",
            ),
        ],
    )
    def test_what_is_no_address_or_would_add_a_header_is_rejected_by_its_field(
        self, mail: Mail, named: str
    ) -> None:
        with pytest.raises(Rejected, match=re.escape(named)):
            self.write(mail)

    def test_a_domain_outside_ascii_is_sent_in_its_ascii_form_and_is_not_mapped_to_another(self) -> None:
        people = ("ana@münchen.example", "Ana <ana@straße.example>")
        assert self.write(Mail(to=people, subject="s", text="t")).recipients == (
            "ana@xn--mnchen-3ya.example",
            "ana@xn--strae-oqa.example",
        )

    def everywhere(self, text: str, filename: str) -> bytes:
        """A mail with the text wherever a value goes, as it is sent."""
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        person = f'"{quoted}" <a@b.example>' if quoted.strip(" ") else "a@b.example"
        mail = Mail(
            to=(person, "c@d.example"),
            cc=(person,),
            reply_to=person,
            subject=text,
            text="the body",
            headers={"Content-Language": text},
            attachments=(Attachment(filename=filename, content=b"x"),),
        )
        return re.sub(rb"(?m)^\.\.", b".", self.write(mail, sender=person, correlation_id=text).data)

    def check(self, text: str) -> None:
        filename = text.replace("/", "_") or "x"
        data = self.everywhere(text, filename)
        head, _, body = data.partition(b"\r\n\r\n")
        unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
        names = sorted(line.partition(b":")[0].decode().lower() for line in unfolded)
        assert names == sorted([*FIELDS, "content-type", "content-language"])
        assert b"\r" not in head.replace(b"\r\n", b"")
        assert all(len(line) <= 998 for line in data.split(b"\r\n"))
        assert all(line.isascii() for line in data.split(b"\r\n"))
        fields = {
            line.partition(b":")[0].decode().lower(): line.partition(b": ")[2].decode() for line in unfolded
        }
        for name in ("subject", "content-language"):
            assert rfc2047(fields[name]) == text
        assert rfc2047(fields["x-correlation-id"]) == header_text(text)
        for name, several in (("from", 1), ("to", 2), ("cc", 1), ("reply-to", 1)):
            people = fields[name].split(", ")
            assert len(people) == several
            assert re.fullmatch(r"(?:(.*) )?<?a@b\.example>?", people[0])
            assert rfc2047(people[0].rpartition("<")[0].strip(" ")) == text.strip(" ")
        assert body.count(b"Content-Disposition:") == 1
        parsed = email.message_from_bytes(data)
        (part,) = [part for part in parsed.walk() if part.get_content_disposition() == "attachment"]
        assert part.get_filename() == filename.strip()
        assert part.get_payload(decode=True) == b"x"

    @pytest.mark.parametrize("text", NASTY)
    def test_a_value_is_text_and_never_a_header_or_a_body(self, text: str) -> None:
        self.check(text)

    @given(TEXTS)
    def test_a_value_is_text_whatever_it_is(self, text: str) -> None:
        self.check(text)

    def test_a_fold_stands_between_addresses_never_in_one(self) -> None:
        long = "a" * 60 + "@" + "b" * 60 + "." + "c" * 60 + ".example"
        data = self.write(Mail(to=(long, "c@d.example"), subject="s", text="t")).data
        assert b"To: " + long.encode() + b",\r\n c@d.example\r\n" in data
        assert b"=?" not in data

    def test_the_header_is_the_same_bytes_on_every_python(self) -> None:
        mail = Mail(
            to=('"Smith, John" <j@straße.example>', "Ana <a@b.example>"), subject="=?utf-8?q?x?=", text="t"
        )
        assert self.write(mail, correlation_id="ñ").data.partition(b"Date:")[0] == (
            b"From: hr@acme.example\r\n"
            b"To: =?utf-8?b?U21pdGgsIEpvaG4=?=\r\n <j@xn--strae-oqa.example>,\r\n Ana <a@b.example>\r\n"
            b"Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n"
        )

    @given(st.text(max_size=60))
    def test_every_correlation_id_can_be_sent(self, text: str) -> None:
        head = self.write(
            Mail(to=("a@b.example",), subject="s", text="t"), correlation_id=text
        ).data.partition(b"\r\n\r\n")[0]
        assert head.isascii()
        assert len([line for line in head.split(b"\r\n") if not line.startswith(b" ")]) == 10

    @pytest.mark.parametrize(
        ("mail", "sender"), [(Mail(to=(), subject="s", text="t"), "hr@acme.example"), (WELCOME, "")]
    )
    def test_a_mail_needs_a_sender_and_a_recipient(self, mail: Mail, sender: str) -> None:
        with pytest.raises(Rejected):
            SmtpSender(connection(None, sender=sender), correlation_id="c").send(mail, key=KEY)

    def test_an_unknown_security_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            SmtpSender(connection(None, security="hope"), correlation_id="c")

    @given(st.text(alphabet=st.sampled_from(".a\n é"), max_size=60), st.text(min_size=1, max_size=40))
    def test_every_text_and_subject_comes_out_as_it_went_in(self, text: str, subject: str) -> None:
        subject = " ".join(subject.split())
        if not subject.isprintable() or not subject:
            return
        data = self.write(Mail(to=("a@b.example",), subject=subject, text=text)).data
        lines = data.split(b"\r\n")
        assert all(len(line) < 999 and line.isascii() for line in lines)
        assert b"." not in lines
        mail = email.message_from_bytes(re.sub(rb"(?m)^\.\.", b".", data), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail["Subject"] == subject
        assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")

    @given(st.binary(max_size=200).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"\r\n")))
    def test_no_body_can_end_the_mail(self, data: bytes) -> None:
        assert b"\r\n.\r\n" not in b"\r\n" + _stuffed(data)
