"""A body, read by its source's format into what expressions can read: objects, lists, texts, numbers.

Read strictly: what different readers would see differently (a name twice, a body in two forms), and what is
made to harm its reader (entities, depth, formulas), is refused with the place.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from officeflow.errors import InvalidEvent, Problem
from officeflow.events import json_text
from officeflow.events.webhooks import http_cloudevents
from officeflow.events.webhooks.definition import Definition, Format
from officeflow.statuses import RefusalReason

MOST_FIELDS = 1000
MOST_ROWS = 2000
TYPES: Mapping[Format, tuple[str, ...]] = {
    Format.JSON: ("application/json", "+json", "text/json"),
    Format.FORM: ("application/x-www-form-urlencoded",),
    Format.XML: ("application/xml", "text/xml", "+xml"),
    Format.CSV: ("text/csv", "application/csv", "text/plain"),
    Format.MULTIPART: ("multipart/form-data",),
}
"""The media types that a body of a format may say; none says nothing against it."""

FORMULA = re.compile(r"[=@\t\r\uff1d\uff20\uff0b\uff0d]|[+-](?![\d\s().,/-]*\Z)")
"""What a spreadsheet takes for a formula, in a cell that is no number and no telephone number; some also by
the wide signs of East Asia.
"""

PART = re.compile(r"\[([^\[\]]*)\]")


def read(definition: Definition, headers: Mapping[str, str], raw: bytes) -> Any:
    """The body. `headers` have lower-case names. `InvalidEvent` says what is wrong, and where."""
    if definition.format is Format.CLOUDEVENTS:
        return http_cloudevents.read(headers, raw)
    content_type = headers.get("content-type", "")
    _check_type(definition.format, content_type)
    match definition.format:
        case Format.JSON:
            return json_text.parse(raw)
        case Format.FORM:
            found: Any = _form(raw)
        case Format.XML:
            found = _xml(raw)
        case Format.CSV:
            found = {"rows": _csv(raw, definition.delimiter)}
        case Format.MULTIPART:
            found = _multipart(content_type, raw)
    json_text.check(found)
    return found


def _refused(
    reason: str, code: RefusalReason = RefusalReason.WRONG_SHAPE, problems: list[Problem] | None = None
) -> InvalidEvent:
    return InvalidEvent(reason, reason_code=code, problems=problems or [])


def _check_type(form: Format, content_type: str) -> None:
    media = content_type.partition(";")[0].strip().lower()
    if media and not any(media == each or media.endswith(each) for each in TYPES[form]):
        expected = " or ".join(each for each in TYPES[form] if not each.startswith("+"))
        raise _refused(
            f"the body is {media[:80]}, and this source takes {expected}",
            RefusalReason.UNSUPPORTED_CONTENT_TYPE,
        )


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"byte {error.start + 1} of the body is not UTF-8") from error


def _form(raw: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            _text(raw),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise _refused("the body is not a form of at most 1,000 fields in UTF-8") from error
    return _nested(pairs)


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`data[person][id]` is a field in a field, as PHP reads forms; `list[]` adds to a list."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        first, bracket, _ = name.partition("[")
        parts = [first, *PART.findall(name)] if bracket and name.endswith("]") and first else [name]
        if len(parts) > json_text.MAX_DEPTH:
            raise _refused(f"the field {name[:60]!r} is nested too deep", RefusalReason.TOO_DEEP)
        _put(found, parts, text, name)
    return found


def _put(found: dict[str, Any], parts: list[str], text: str, name: str) -> None:
    inner: Any = found
    for part, following in itertools.pairwise(parts):
        inner = inner.setdefault(part, [] if following == "" else {})
        if not isinstance(inner, list if following == "" else dict):
            raise _refused(f"the form has the field {name[:60]!r} in two forms")
    if isinstance(inner, list):
        inner.append(text)
    elif parts[-1] in inner:
        raise _refused(f"the form has the field {name[:60]!r} twice")
    else:
        inner[parts[-1]] = text


def _multipart(content_type: str, raw: bytes) -> dict[str, Any]:
    from python_multipart import FormParser
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import parse_options_header

    _, options = parse_options_header(content_type)
    pairs: list[tuple[str, str]] = []
    files: list[str] = []
    ended: list[bool] = []

    def on_field(field: Any) -> None:
        pairs.append((_text(field.field_name or b""), _text(field.value or b"")))

    def on_file(file: Any) -> None:
        files.append((file.field_name or b"").decode(errors="replace")[:60])

    try:
        parser = FormParser(
            "multipart/form-data",
            on_field,
            on_file,
            on_end=lambda: ended.append(True),
            boundary=options.get(b"boundary"),
            config={"MAX_MEMORY_FILE_SIZE": len(raw) + 1},
        )
        parser.write(raw)
        parser.finalize()
    except FormParserError as error:
        raise _refused(f"the body is not multipart/form-data: {error}") from error
    if files:
        problems = [Problem(name, "it is a file", "send the fields alone") for name in files]
        raise _refused("a form with a file is not taken", problems=problems)
    if not ended:
        raise _refused("the body ends before its last boundary")
    if len(pairs) > MOST_FIELDS:
        raise _refused(f"the form has more than {MOST_FIELDS} fields")
    return _nested(pairs)


def _xml(raw: bytes) -> Any:
    from xml.parsers.expat import ExpatError

    import xmltodict

    try:
        return xmltodict.parse(raw, expat=_Expat, disable_entities=True, process_comments=False)
    except ExpatError as error:
        raise _refused(f"the body is not XML: {error}") from error
    except (ValueError, LookupError) as error:  # an entity is declared, or an unknown encoding named
        raise _refused(
            "the body declares entities, which are not taken"
            if "entities" in str(error)
            else "the body is in no encoding that is known",
            RefusalReason.UNSTORABLE,
        ) from error


class _Expat:
    """Makes parsers that take no declaration of a document's type.

    Nobody fetches what is declared elsewhere, and what refers to it would be left out without a word.
    """

    @staticmethod
    def ParserCreate(*given: Any) -> Any:  # noqa: N802 - expat's name
        from xml.parsers import expat

        parser = expat.ParserCreate(*given)
        parser.EndDoctypeDeclHandler = _refuse_doctype
        return parser


def _refuse_doctype() -> None:
    raise _refused("the body declares a document type, which is not taken", RefusalReason.UNSTORABLE)


def _csv(raw: bytes, delimiter: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    reader = csv.reader(io.StringIO(_text(raw), newline=""), strict=True, delimiter=delimiter)
    try:
        names = next(reader, [])
        _check_names(names)
        for cells in reader:
            if cells:
                rows.append(_row(names, cells, reader.line_num))
            if len(rows) > MOST_ROWS:
                raise _refused(f"it has more than {MOST_ROWS} rows", RefusalReason.TOO_LARGE)
    except csv.Error as error:
        raise _refused(f"the body is not CSV: line {reader.line_num}: {error}") from error
    return rows


def _check_names(names: list[str]) -> None:
    if not names or not all(name.strip() for name in names):
        raise _refused("the first line of the CSV has to name every column")
    for number, name in enumerate(names, 1):
        if FORMULA.match(name):
            raise _formula(f"line 1, column {number}")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused(f"the CSV has the column {twice[:60]!r} twice")


def _row(names: list[str], cells: list[str], line: int) -> dict[str, str]:
    if len(cells) != len(names):
        raise _refused(f"line {line} of the CSV has {len(cells)} cells, and {len(names)} columns are named")
    for name, cell in zip(names, cells, strict=True):
        if FORMULA.match(cell):
            raise _formula(f"line {line}, column {name[:60]}")
    return dict(zip(names, cells, strict=True))


def _formula(place: str) -> InvalidEvent:
    reason = "it begins as a formula does, which a spreadsheet would compute"
    problem = Problem(place, reason, "send the value itself")
    return _refused("a cell of the CSV is a formula", RefusalReason.UNSTORABLE, [problem])
