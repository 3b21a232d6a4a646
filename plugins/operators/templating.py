"""Airflow's templates and XComs in the parameters of a node, in hand-written DAGs.

Two languages meet in one text, and neither may read what the other has put in:

    "account:{{ params.login }}"          Airflow's template, rendered before the node runs
    "${{ nodes.find.output.login }}"      our expression: Airflow sees a stand-in, and gives it back untouched
    a field marked as a template          our sandbox's alone, as in a drawn workflow: Airflow leaves it

What a template or an XCom gives is data (`Verbatim`): no expression and no template in it is ever read.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow.sdk import XComArg
from airflow.sdk.definitions.xcom_arg import PlainXComArg
from jinja2 import TemplateError

from officeflow.errors import InvalidInput, InvalidParameters, Problem
from officeflow.expressions import params as expressions
from officeflow.expressions.data import OPENING, Verbatim, as_data, escaped
from officeflow.marks import SENSITIVE_MARK
from officeflow.runs.acts import MASK, veiled
from officeflow.sdk import Node
from officeflow.sdk.places import Place

NODE_PARAMS = "node_params"
RETURNED = "return_value"
JINJA = re.compile(r"\{\{|\{%|\{#")
OF_THE_TEMPLATE = (TemplateError, TypeError, ArithmeticError)
"""What a template gives that another try would give too.

All else comes from what it reads (an XCom, a Variable), which may be away.
"""
MISSING = re.compile(r"'(?:[\w.]+ object|[\w.]+)' has no attribute '(\w+)'|'(\w+)' is undefined")
AnyNode = Node[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Protected:
    """A text in which stand-ins take the place of our expressions. Nobody else can spell them."""

    text: str
    behind: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> Protected:
        """`InvalidExpression` where an expression is not closed."""
        nonce, behind = secrets.token_hex(8), dict[str, str]()

        def stand_in(original: str) -> str:
            token = f"\ue000{nonce}.{len(behind)}\ue001"
            behind[token] = original
            return token

        parts = [
            (
                stand_in(f"${{{{ {part.source} }}}}")
                if isinstance(part, expressions.Code)
                else stand_in(f"${OPENING}").join(part.split(OPENING))
            )
            for part in expressions.split(text)
        ]
        return cls("".join(parts), behind)

    @property
    def is_airflows(self) -> bool:
        """Whether Airflow has something to render in it."""
        return JINJA.search(self.text) is not None

    def opened(self, value: Any) -> Any:
        """What Airflow made of the text, data, with our expressions in their places again."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self.opened(item) for key, item in value.items()}
        return [self.opened(item) for item in value] if isinstance(value, list) else value

    def _text(self, value: str) -> str:
        if not any(token in value for token in self.behind):
            return Verbatim(value)
        pieces = re.split(f"({'|'.join(map(re.escape, self.behind))})", value)
        told = ""
        for index, piece in enumerate(pieces):
            if piece in self.behind:
                told += self.behind[piece]
            elif piece.endswith("$") and index + 1 < len(
                pieces
            ):  # a $ right before an expression would make it a literal
                told += escaped(piece[:-1]) + '${{ "$" }}'
            else:
                told += escaped(piece)
        return told


@dataclass(frozen=True, slots=True)
class Rendering:
    """Renders for one try of a task.

    `airflow` is Airflow's own rendering: of one template, or of whatever resolves itself.
    """

    airflow: Callable[[Any], Any]
    problems: list[Problem] = field(default_factory=list)

    def name(self, value: Any, path: str) -> str:
        """A name: an organization's slug, a connection's."""
        told = value if isinstance(value, str) and not JINJA.search(value) else self._rendered(value, path)
        if self.problems:
            raise InvalidParameters("a name cannot be rendered", problems=self.problems)
        if not isinstance(told, str):
            raise InvalidParameters(
                "a name cannot be rendered",
                problems=[Problem(path, f"gave a {type(told).__name__}, not a name")],
            )
        return str(told)

    def params(self, value: Any, node: type[AnyNode]) -> dict[str, Any]:
        """Parameters as the DAG's author wrote them."""
        schema = node.schema().params
        if isinstance(value, Mapping):
            return self._object(self._value(value, Place(schema, schema), "params"))
        return self.data(self._rendered(value, "params"))

    def data(self, value: Any) -> dict[str, Any]:
        """Parameters that came from elsewhere as a whole."""
        return self._object(self._data(value, "params"))

    def _object(self, told: Any) -> dict[str, Any]:
        if not isinstance(told, dict):
            what = "text" if isinstance(told, str) else f"a {type(told).__name__}"
            self.problems.append(
                Problem("params", f"are an object, not {what}", "map or return dictionaries")
            )
        if self.problems:
            raise InvalidParameters("the parameters cannot be rendered", problems=self.problems)
        return dict(told)

    def _value(self, value: Any, place: Place, path: str) -> Any:
        if isinstance(value, str):
            return (
                value
                if isinstance(value, Verbatim) or place.template() is not None
                else self._text(value, path)
            )
        if isinstance(value, PlainXComArg) and (own := as_expression(value)):
            return own
        if isinstance(value, Mapping):
            return {
                str(key): self._value(item, place.field(str(key)), f"{path}.{key}")
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._value(item, place.item(), f"{path}[{index}]") for index, item in enumerate(value)]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._data(self._rendered(value, path), path)

    def _rendered(self, value: Any, path: str) -> Any:
        """What Airflow makes of it; None where its template is to blame, which the problems then name."""
        try:
            return self.airflow(value)
        except OF_THE_TEMPLATE as error:
            if not isinstance(value, str) and not isinstance(
                error, TemplateError
            ):  # somebody's own code, not a template
                raise
            self.problems.append(Problem(path, *_why(error)))
            return None

    def _text(self, text: str, path: str) -> Any:
        protected = Protected.of(text)
        if not protected.is_airflows:
            return text
        told = self._data(self._rendered(protected.text, path), path, anywhere=MASK not in text)
        return protected.opened(told)

    def _data(self, value: Any, path: str, *, anywhere: bool = False) -> Any:
        try:
            told = as_data(value, path)
        except InvalidInput as error:
            self.problems.append(Problem(path, error.message.removeprefix(f"{path} "), error.hint))
            return None
        if _is_masked(told, anywhere=anywhere):
            hint = 'read it from the ledger: ${{ nodes["<task id>"].output.<field> }}, or the task\'s .output'
            self.problems.append(Problem(path, f"is {MASK}: XCom has no sensitive values of nodes", hint))
        return told


def _why(error: Exception) -> tuple[str, str]:
    """Reason and suggestion."""
    said = str(error).rstrip(".")
    if (missing := MISSING.search(said)) is not None:
        hint = "give it in the DAG's params or the run's conf, or write {{ … | default('…') }}"
        return f"Airflow's template reads {missing[1] or missing[2]!r}, which is not there: {said}", hint
    return f"Airflow's template cannot be rendered: {type(error).__name__}: {said}", ""


def _is_masked(value: Any, *, anywhere: bool) -> bool:
    if isinstance(value, str):
        return MASK in value if anywhere else value == MASK
    if isinstance(value, Mapping):
        return any(_is_masked(item, anywhere=anywhere) for item in value.values())
    return isinstance(value, list) and any(_is_masked(item, anywhere=anywhere) for item in value)


def node_of(task: Any) -> type[AnyNode] | None:
    """The node type of a task that runs one of ours, mapped or not."""
    found = getattr(getattr(task, "operator_class", type(task)), "node", None)
    return found if isinstance(found, type) and issubclass(found, Node) else None


def as_expression(arg: XComArg) -> str | None:
    """Another node's `.output` as the expression that reads it from the ledger: whole, where XCom has only
    what may be shown.
    """
    if not isinstance(arg, PlainXComArg) or node_of(arg.operator) is None or arg.key.startswith("skipmixin"):
        return None
    field_of = "" if arg.key == RETURNED else f"[{_quoted(arg.key)}]"
    return f"${{{{ nodes[{_quoted(arg.operator.task_id)}].output{field_of} }}}}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def veil(value: Any, place: Place) -> Any:
    """The same parameters as Airflow may show them: the value of a field that is marked `Sensitive` is
    `***`.
    """
    if place.is_marked(SENSITIVE_MARK):
        return (
            value if expressions.has_expression(value) and not isinstance(value, Verbatim) else veiled(value)
        )
    if isinstance(value, Mapping):
        return {key: veil(item, place.field(str(key))) for key, item in value.items()}
    return [veil(item, place.item()) for item in value] if isinstance(value, list) else value
