"""The pages' text: Jinja with autoescape; what a workflow's author wrote is Markdown without HTML and without
pictures, so that nothing is fetched from elsewhere.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs

import jinja2
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from answering.fields import fields_of
from officeflow.errors import OfficeFlowError
from officeflow.people import letters
from officeflow.people.answers import LONGEST_REASON, Answered
from officeflow.people.by_link import Shown
from officeflow.sdk import form as forms
from officeflow.statuses import RequestKind

FOLDER = Path(__file__).with_name("templates")
MOST_FIELDS = 1000
FIELD = "form."

ASKS: Mapping[RequestKind, str] = {
    RequestKind.APPROVAL: "Please decide",
    RequestKind.FORM: "Please fill in",
    RequestKind.TASK: "Please do this, and say when it is done",
}
ENDS: Mapping[int, str] = {
    403: "This link is not valid",
    408: "Too slow",
    409: "Already answered",
    410: "This can no longer be answered",
    413: "Too large",
    415: "Not understood",
    503: "Not possible at the moment",
}


def read(body: bytes) -> dict[str, list[str]]:
    """What a form of the web sent; a name may come several times."""
    try:
        return parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def question(
    shown: Shown,
    token: str,
    *,
    error: OfficeFlowError | None = None,
    given: Mapping[str, list[str]] | None = None,
) -> str:
    """What is asked, with a button for each answer; `error` is what is wrong with the one that was given."""
    told, form = given or {}, shown.form or {}
    problems = {
        each.path.removeprefix(FIELD).partition("[")[0].partition(".")[0]: each.reason
        for each in getattr(error, "problems", ())
    }
    elsewhere = [text for name, text in problems.items() if name not in (form.get("properties") or {})]
    return _rendered(
        "question.html",
        title=shown.subject,
        asks=ASKS[shown.kind],
        shown=shown,
        token=token,
        body=markdown(shown.body),
        fields=list(fields_of(form, told, problems)),
        private=bool(forms.private_fields(form)),
        reason=told.get("reason", [""])[0],
        longest=LONGEST_REASON,
        error=error.message if error else "",
        hint=error.hint if error else "",
        others=elsewhere,
    )


def thanks(shown: Shown, choice: str, done: Answered) -> str:
    return _rendered("thanks.html", title="Thank you", shown=shown, choice=choice, done=done)


def ended(message: str, hint: str, *, status: int) -> str:
    return _rendered("ended.html", title=ENDS.get(status, "That did not work"), message=message, hint=hint)


def markdown(text: str) -> Markup:
    """As HTML in which nothing is the author's own markup."""
    return Markup(_markdown().render(text))  # noqa: S704 - the renderer escapes all that is not Markdown


@functools.cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")
    made.add_render_rule("link_open", _link)
    return made


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return renderer.renderToken(tokens, index, options, env)


def _rendered(name: str, **told: object) -> str:
    return _templates().get_template(name).render(told)


@functools.cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["moment"] = _moment
    return made


def _moment(at: dt.datetime) -> str:
    return letters.moment(at)
