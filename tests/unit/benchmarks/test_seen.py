"""What `bench crash` sees in the customer's systems, whatever identity they have lost."""

from __future__ import annotations

from benchmarks import counting, seen

EVENT = "crash-0007-0a1b2c34"


def test_a_numbered_account_is_a_double_of_its_events() -> None:
    users = [
        {"userName": f"{EVENT}@acme.example"},
        {"userName": f"{EVENT}2@acme.example"},
        {"userName": "ana@acme.example"},
    ]
    assert seen.accounts(users) == {(EVENT, "account"): 2}


def test_two_meetings_of_one_title_are_doubles_whatever_their_uids() -> None:
    lines = ["BEGIN:VCALENDAR"]
    for uid, status in (("a", ""), ("b", ""), ("c", "STATUS:CANCELLED")):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"SUMMARY:First day of {EVENT}",
            *filter(None, [status]),
            "END:VEVENT",
        ]
    assert seen.meetings("\r\n".join([*lines, "END:VCALENDAR", ""])) == {(EVENT, "meeting"): 2}


def test_a_mail_belongs_to_its_recipient() -> None:
    assert seen.mails([{"recipients": {"to": [f"{EVENT}@acme.example"]}}]) == {(EVENT, "mail"): 1}


def test_what_is_there_and_what_was_done_are_counted_once_and_by_the_larger_number() -> None:
    act = (EVENT, "account")
    done = counting.effects([], [], []) | seen.accounts(
        [{"userName": f"{EVENT}@x"}, {"userName": f"{EVENT}2@x"}]
    )
    assert counting.count([EVENT], done).doubled == 1
    assert done[act] == 2
