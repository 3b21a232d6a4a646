"""What is typed wrong is told as every other error is, and ends with status 2."""

from __future__ import annotations

import pytest

from officeflow.cli.main import run


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("run shw", "officeflow: there is no command 'run shw' (did you mean show?)"),
        ("run zzzzz", "officeflow: there is no command 'run zzzzz' (`"),
        ("run show", "officeflow: RUN is missing (`"),
        ("run show x --jsn", "officeflow: there is no option --jsn (did you mean --json or --as?)"),
        ("ledger redo a b --login me", "officeflow: --why is missing (`"),
        (
            "approval list --as bea",
            "officeflow: there is no option --as (who gives this command signs in: --login LOGIN",
        ),
        (
            "run list --login bea",
            "officeflow: there is no option --login (this command takes no password: --as LOGIN)",
        ),
        ("inbox list --limit 0", "officeflow: --limit: 0 is not in the range"),
        ("up --executor kubernetes", "officeflow: --executor: 'kubernetes' is not one of 'local', 'celery'"),
        ("node list x", "officeflow: Got unexpected extra argument (x)"),
    ],
)
def test_it_begins_as_all_errors_and_says_what_to_do(
    capsys: pytest.CaptureFixture[str], typed: str, says: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(typed.split())
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err.startswith(says)
    assert "Usage:" not in told.err


def test_a_variable_is_named_where_nobody_typed_its_option(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_EXECUTOR", "kubernetes")
    with pytest.raises(SystemExit) as ended:
        run(["up"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(
        "officeflow: OFFICEFLOW_EXECUTOR: 'kubernetes' is not one of 'local', 'celery'"
    )
