"""The command as a shell would call it, in this process, which has imported it: another one takes a second of
a core for that.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest import mock

import pytest

from officeflow.cli.main import run


def called(
    arguments: Sequence[str], environment: Mapping[str, str], stdin: str | None
) -> CompletedProcess[str]:
    """With this environment and no other; what is no error that we foresaw is raised."""
    out, err = _stream(), _stream()
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(sys, "stdin", _stream(stdin or "")),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        run(arguments)
    return CompletedProcess(list(arguments), int(ended.value.code or 0), _text(out), _text(err))


def _stream(content: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content.encode()), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
