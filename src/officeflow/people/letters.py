"""What the mails say that ask people. Not the question's details: those are on the page that the link opens,
for mails are stored and passed on as they are.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import jinja2

from officeflow.addresses import one_line
from officeflow.connectors.families.mail import Mail
from officeflow.statuses import RequestKind

ASKS: Mapping[RequestKind, tuple[str, str]] = MappingProxyType(
    {
        RequestKind.APPROVAL: ("asks you to decide", "Read and decide"),
        RequestKind.FORM: ("asks you to fill in a form", "Open the form"),
        RequestKind.TASK: ("asks you to do something, and to say when it is done", "Read what is to be done"),
    }
)
"""What a mail says that somebody is asked for, and on its button."""

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is told to whom; times as people read them."""

    kind: RequestKind
    to: str
    name: str
    organization: str
    subject: str
    why: str
    link: str
    until: str
    deadline: str = ""
    reminds: bool = False


def mail_of(letter: Letter) -> Mail:
    asks, button = ASKS[letter.kind]
    told = {"letter": letter, "asks": asks, "button": button}
    subject = one_line(letter.subject)[:LONGEST_SUBJECT]
    return Mail(
        to=(letter.to,),
        subject=f"Reminder: {subject}" if letter.reminds else subject,
        text=_templates().get_template("mail.txt.jinja").render(told),
        html=_templates().get_template("mail.html.jinja").render(told),
    )


def moment(at: dt.datetime) -> str:
    """For people: `Monday, 2 March 2026, 09:00 UTC`."""
    utc = at.astimezone(dt.UTC)
    return f"{utc:%A}, {utc.day} {utc:%B %Y, %H:%M} UTC"


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("officeflow.people"),
        autoescape=jinja2.select_autoescape(("html.jinja",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
