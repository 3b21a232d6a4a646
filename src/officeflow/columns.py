"""Text in the columns of a terminal: as wide as it is shown there, and no word of it broken.

Wide characters take two columns, combining ones none. A width of None is no terminal: a file or a program
gets lines of any length.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from rich.cells import cell_len, set_cell_size

GAP = "  "
COMFORTABLE = 24
"""Columns that a cell of several words keeps, if it needs them."""

LEAST_WIDTH = 20
USUAL_WIDTH = 80
"""Of a terminal that does not say."""

LONGEST_RULE = 120
"""Below headings, where there is no terminal."""

NOTHING = "-"
_WORD = re.compile(r"(?:`[^`\n]+`|\S)+")
"""A command in backticks is one word: it can be copied only where it stands on one line."""


def width_of(stream: TextIO) -> int | None:
    """The columns of the terminal that this is ($COLUMNS, where it is set), as they are now; None where it is
    none.
    """
    if not stream.isatty():
        return None
    told = os.environ.get("COLUMNS", "")
    return max(int(told) if told.isdecimal() and int(told) else _columns(stream), LEAST_WIDTH)


def can_redraw(stream: TextIO) -> bool:
    """Whether it is a terminal that can be told to write over what it shows."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL_WIDTH
    except OSError:
        return USUAL_WIDTH


def cut(text: str, width: int) -> str:
    """`text`, or as much of it as `width` columns hold, and … for the rest."""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def padded(text: str, width: int) -> str:
    """`text` and spaces up to `width` columns."""
    return text + " " * (width - cell_len(text))


def wrap(text: str, width: int | None, *, hang: str = "") -> list[str]:
    """The lines of `text`, those that are too long broken between words; what goes on begins with the line's
    own indent and `hang`.
    """
    return [part for line in text.split("\n") for part in _wrapped(line, width, hang)]


def _wrapped(line: str, width: int | None, hang: str) -> Iterator[str]:
    if width is None or cell_len(line) <= width:
        yield line
        return
    indent = line[: len(line) - len(line.lstrip())] + hang
    first = start = end = 0
    for word in _WORD.finditer(line):
        taken = cell_len(indent) if first else 0
        if end > start and taken + cell_len(line[start : word.end()]) > width:
            yield (indent if first else "") + line[start:end]
            first, start = 1, word.start()
        end = word.end()
    yield (indent if first else "") + line[start:end]


def pairs(values: Mapping[str, str], width: int | None) -> list[str]:
    """A line per value, behind its name; a long one goes on below itself."""
    name_width = max(map(cell_len, values), default=0)
    room = None if width is None else max(width - name_width - len(GAP), LEAST_WIDTH)
    lines = []
    for name, value in values.items():
        first, *more = wrap(value, room)
        lines += [
            f"{padded(name, name_width)}{GAP}{first}",
            *(f"{' ' * name_width}{GAP}{line}" for line in more),
        ]
    return lines


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """The rows below their headings.

    Columns for which there is no room stand below each row, as `heading: value`.
    """
    columns = [[heading, *(row[number] for row in rows)] for number, heading in enumerate(headings)]
    natural = [max(map(cell_len, column)) for column in columns]
    least = [
        max(min(wanted, COMFORTABLE), *map(_longest_word, column))
        for wanted, column in zip(natural, columns, strict=True)
    ]
    beside = _beside(natural if width is None else least, width)
    below = [number for number in range(len(headings)) if number not in beside]
    widths = _shared([natural[n] for n in beside], [least[n] for n in beside], width)
    lines = _row([headings[n] for n in beside], widths)
    ruled = sum(widths) + len(GAP) * (len(widths) - 1)
    lines.append("─" * (min(ruled, LONGEST_RULE) if width is None else ruled))
    for row in rows:
        lines += _row([row[n] for n in beside], widths)
        lines += _below([(headings[n], row[n]) for n in below], width)
    return lines


def _beside(least: Sequence[int], width: int | None) -> list[int]:
    """The columns that fit beside each other: without those that take half of the width, and then without the
    last ones.
    """
    beside = list(range(len(least)))

    def fits() -> bool:
        return (
            width is None
            or len(beside) == 1
            or sum(least[n] for n in beside) + len(GAP) * (len(beside) - 1) <= width
        )

    while not fits():
        wide = [n for n in beside[1:] if least[n] > (width or 0) // 2]
        beside.remove(max(wide, key=lambda n: least[n]) if wide else beside[-1])
    return beside


def _shared(natural: Sequence[int], least: Sequence[int], width: int | None) -> list[int]:
    """Each column's width: all that it wants, or of what is there at least the least; who wants little gets
    it first.
    """
    if width is None:
        return list(natural)
    widths = list(least)
    left = width - sum(least) - len(GAP) * (len(least) - 1)
    wanting = sorted(
        (n for n in range(len(least)) if natural[n] > least[n]), key=lambda n: natural[n] - least[n]
    )
    for place, number in enumerate(wanting):
        given = max(0, min(natural[number] - least[number], left // (len(wanting) - place)))
        widths[number] += given
        left -= given
    return widths


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    parts = [wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, parts))
    filled = [[*part, *[""] * (height - len(part))] for part in parts]
    return [
        GAP.join(padded(text, width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in zip(*filled, strict=True)
    ]


def _below(named: Iterable[tuple[str, str]], width: int | None) -> Iterator[str]:
    """As many as fit on a line; one that is longer than a line has lines of its own."""
    line = ""
    for text in (f"{heading}: {value}" for heading, value in named if value != NOTHING):
        if line and cell_len(f"{line}{GAP * 2}{text}") > (width or 0):
            yield from wrap(line, width, hang=GAP)
            line = ""
        line = f"{line}{GAP * 2}{text}" if line else f"{GAP}{text}"
    if line:
        yield from wrap(line, width, hang=GAP)


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in _WORD.findall(text)), default=0)
