"""Reading logs while they are written and rotated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from officeflow.stack.supervision import logfiles


def test_last_lines_are_the_last_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"{n}\n" for n in range(1000)))
    assert logfiles.last_lines(path, 2) == ["998", "999"]
    assert logfiles.last_lines(path, 3, end=len("0\n1\n2\n3")) == ["1", "2", "3"]
    assert logfiles.last_lines(tmp_path / "none.log", 2) == []


def test_no_lines_are_none_and_many_are_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfiles, "BLOCK", 64)
    path = tmp_path / "a.log"
    lines = [f"line {n} \x85\u2028" for n in range(1000)]
    path.write_text("\n".join(lines) + "\n")
    assert logfiles.last_lines(path, 0) == []
    assert logfiles.last_lines(path, 900) == lines[-900:]
    assert logfiles.last_lines(path, 5000) == lines


def test_following_shows_whole_lines_and_goes_on_after_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    steps: Iterator[Callable[[], None]] = iter(
        [lambda: _append(path, "ne"), lambda: _append(path, "w\nhal"), lambda: _rotate(path), lambda: None]
    )

    def until() -> bool:
        step = next(steps, None)
        if step:
            step()
        return step is None

    seen = list(logfiles.follow({"a": path}, until=until))
    assert seen == [("a", "new"), ("a", "hal"), ("a", "after")]


def test_following_begins_where_it_is_told_and_with_files_that_come_later(tmp_path: Path) -> None:
    first, later = tmp_path / "a.log", tmp_path / "b.log"
    first.write_text("old\nshown later\n")

    def end_first() -> None:
        _append(first, "last of it\n")
        _rotate(first)

    steps: Iterator[Callable[[], None]] = iter([lambda: _append(later, "b1\n"), end_first, lambda: None])

    def until() -> bool:
        step = next(steps, None)
        if step:
            step()
        return step is None

    seen = list(logfiles.follow({"a": first, "b": later}, starts={"a": len("old\n"), "b": 0}, until=until))
    assert seen == [("a", "shown later"), ("b", "b1"), ("a", "last of it"), ("a", "after")]


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def _rotate(path: Path) -> None:
    path.rename(path.with_suffix(".log.1"))
    path.write_text("after\n")
