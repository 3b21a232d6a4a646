"""What others' tools find in our code and in what we depend on: `python -m tests.security [code |
dependencies]`.

`code` is bandit. Ruff has the same rules under the same numbers, so an exception is said once, beside its
line: what is `# noqa: S608` with its reason is excused of B608 too.

`dependencies` is pip-audit over the pinned requirements. An advisory that is accepted stands in `ACCEPTED`
with its reason. Where the advisories cannot be asked, nothing was audited, and that is said: it is no pass.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CODE = ("src", "plugins", "listeners", "dag_factory", "dags", "config", "deploy")
PINNED = ("requirements.txt", "requirements-servers.txt")

NOT_LOOKED_FOR: Mapping[str, str] = {
    "B101": "ruff's S101 finds each, and each has its reason",
    "B105": "by the name of a variable alone; ruff's S105 finds what is written out",
    "B106": "the same of arguments",
    "B404": "that a module is imported says nothing: each call is looked at",
    "B603": "every call takes a list and no shell; programs come from PATH on purpose",
    "B405": "the demonstration reads its own servers, and says so beside the call (S314)",
    "B406": "it writes XML, it reads none",
    "B411": "supervisor's own protocol, over a Unix socket that only its owner may open",
}
"""Rule to why nobody looks for it."""

ACCEPTED: Mapping[str, str] = {}
"""Advisory to why it does not concern us, with the date on which it is looked at again."""


def code() -> list[str]:
    """What bandit finds and nobody has excused."""
    done = subprocess.run(
        [str(BIN / "bandit"), "-q", "-f", "json", "-s", ",".join(NOT_LOOKED_FOR), "-r", *CODE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)
    if told["errors"]:
        return [f"{each['filename']}: not read: {each['reason']}" for each in told["errors"]]
    return [
        f"{each['filename']}:{each['line_number']}: {each['test_id']} {each['issue_text']}"
        for each in told["results"]
        if not _is_excused(each)
    ]


def _is_excused(found: Mapping[str, Any]) -> bool:
    lines = (ROOT / found["filename"]).read_text().splitlines()
    rule = f"S{found['test_id'].removeprefix('B')}"
    first, last = min(found["line_range"]), _end(lines, max(found["line_range"]))
    return any(re.search(rf"# noqa:[^-]*\b{rule}\b", line) for line in lines[first - 1 : last])


def _end(lines: list[str], number: int) -> int:
    """The last line of the text in three quotation marks that the line is in, else itself."""
    if lines[number - 1].count('"""') % 2 == 0:
        return number
    return next((each for each in range(number + 1, len(lines) + 1) if '"""' in lines[each - 1]), number)


def dependencies() -> tuple[list[str], int, int]:
    """Advisories that nobody has accepted; how many packages were audited, and how many could not be."""
    wrong, audited, unasked = [], 0, 0
    for package in _audited():
        if "skip_reason" in package:
            unasked += 1
            continue
        audited += 1
        for advisory in package["vulns"]:
            if not {advisory["id"], *advisory["aliases"]} & set(ACCEPTED):
                fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
                wrong.append(f"{package['name']} {package['version']}: {advisory['id']}, mended in {fixed}")
    return wrong, audited, unasked


def _audited() -> Iterator[Mapping[str, Any]]:
    for file in PINNED:
        done = subprocess.run(
            [
                str(BIN / "pip-audit"),
                *("--requirement", file),
                *("--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json", "--timeout=5"),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.stdout.strip():
            yield {"name": file, "skip_reason": (done.stderr.strip().splitlines() or ["it said nothing"])[-1]}
            continue
        yield from json.loads(done.stdout)["dependencies"]


def main(which: str) -> int:
    if which == "code":
        wrong = code()
    else:
        wrong, audited, unasked = dependencies()
        print(f"advisories of {audited} packages asked for; {unasked} could not be")
    if wrong:
        print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
