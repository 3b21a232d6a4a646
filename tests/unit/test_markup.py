"""What people and systems write is text wherever a page or a mail of ours shows it."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from answering import pages
from dag_factory import documents
from officeflow.errors import AnswersDoNotFit, Problem
from officeflow.people import letters
from officeflow.people.by_link import Shown
from officeflow.people.letters import Letter
from officeflow.privacy import page
from officeflow.privacy.export import Export
from officeflow.statuses import RequestKind
from officeflow.workflows.graph import build
from officeflow.workflows.models import Definition

EVIL = (
    "\" onfocus=alert(1) x=' onblur=alert(1) \"'></title></style></textarea></select>"
    "<script>alert(1)</script>"
    "<img src=x onerror=alert(1)><a href=javascript:alert(1)>x</a> [l](javascript:alert(1))"
    " ![p](https://evil.example/p)"
)
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ACTIVE = frozenset({"script", "img", "iframe", "object", "embed", "svg", "math", "base", "link", "template"})


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    @property
    def obeyed(self) -> list[str]:
        """What would be run, fetched, or led to."""
        return [
            *(tag for tag in self.tags if tag in ACTIVE),
            *(name for name, _ in self.attributes if name.startswith("on")),
            *(value for name, value in self.attributes if name == "href" and "script:" in value.lower()),
        ]


def is_text(html: str) -> None:
    found = Page(html)
    assert found.obeyed == []
    assert "alert(1)" in html, "it is shown"


def test_a_page_would_be_found_to_obey_it() -> None:
    for opened, run in (('<p title="', "onfocus"), ("<p title='", "onblur"), ("<p>", "onerror")):
        obeyed = set(Page(f"{opened}{EVIL}</p>").obeyed)
        assert obeyed >= {"script", "img", "onerror", "javascript:alert(1)", run}


@pytest.mark.parametrize("kind", list(RequestKind))
def test_a_mail(kind: RequestKind) -> None:
    texts: dict[str, Any] = dict.fromkeys(
        ("name", "organization", "subject", "why", "until", "deadline"), EVIL
    )
    mail = letters.mail_of(Letter(kind=kind, to="a@b.example", link="https://a.example/x", **texts))
    assert mail.html is not None
    is_text(mail.html)
    assert Page(mail.html).attributes.count(("href", "https://a.example/x")) == 1


def shown(**differs: Any) -> Shown:
    fields: dict[str, Any] = {
        **dict.fromkeys(("organization", "user", "why", "subject", "body"), EVIL),
        "kind": RequestKind.APPROVAL,
        "options": (EVIL, "No"),
        "needs_reason": (EVIL,),
        "form": None,
        **dict.fromkeys(("deadline", "due", "expires_at", "asked_at"), NOW),
    }
    return Shown(**{**fields, **differs})


def test_the_page_of_a_question() -> None:
    is_text(pages.question(shown(), EVIL, given={"reason": [EVIL]}))


def test_the_page_of_a_form_that_is_filled_in_wrongly() -> None:
    told = {"title": EVIL, "description": EVIL, "default": EVIL}
    properties: dict[str, Any] = {
        EVIL: {"type": "string", **told},
        "choice": {"type": "string", "enum": [EVIL, "b"], **told},
        "choices": {"type": "array", "items": {"type": "string", "enum": [EVIL]}, **told, "default": [EVIL]},
        "lines": {"type": "string", "format": "multiline", **told},
        "yes": {"type": "boolean", **told, "default": True},
    }
    problems = [Problem(f"form.{name}", EVIL) for name in (*properties, "elsewhere")]
    html = pages.question(
        shown(kind=RequestKind.FORM, form={"type": "object", "properties": properties}),
        EVIL,
        error=AnswersDoNotFit(EVIL, hint=EVIL, problems=problems),
        given={f"form.{name}": [EVIL] for name in properties},
    )
    is_text(html)


def test_the_page_of_a_person() -> None:
    row = {EVIL: EVIL, "within": {EVIL: [EVIL, {"deeper": EVIL}]}, "number": 1, "none": None}
    document = {
        "organization": {"name": EVIL},
        "employee": EVIL,
        "at": EVIL,
        "sections": {name: [row] for name in page.TITLES},
    }
    is_text(page.html(Export(document)))


def test_what_airflow_is_given_is_markdown_that_runs_nothing() -> None:
    """Airflow's page shows Markdown without the HTML in it, and lets no link run anything."""
    definition = Definition.model_validate(
        {
            "slug": "hostile",
            "name": EVIL[:200],
            "description": EVIL,
            "owner": EVIL,
            "trigger": {"events": ["employee.onboard"], "filter": f"event.id == {EVIL!r}"},
            "nodes": [{"id": "a", "type": "flow.set", "name": EVIL[:100], "params": {"values": {"x": EVIL}}}],
            "edges": [],
        }
    )
    text = documents.of_workflow(definition, build(definition), org="acme", version=1, content_hash="0")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    assert set(Page(html).obeyed) <= {"img"}, "pictures are shown: docs/security.md"
    assert "alert(1)" in html


def test_airflows_page_is_one_that_leaves_html_out() -> None:
    """We rely on it: in its bundle Markdown is rendered in one place."""
    import airflow

    folder = Path(airflow.__file__).parent / "ui" / "dist" / "assets"
    bundle = "".join(each.read_text() for each in folder.glob("index-*.js"))
    assert re.findall(r"remarkPlugins:\w+,skipHtml:(!\d)", bundle) == ["!0"]
    assert not re.search(r"\brehypeRaw\b", bundle)
