"""The page of a mailed link: looking changes nothing, the button answers, once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from answering import app as page
from officeflow.database.engine import Database
from officeflow.database.tables import User, WorkflowRun
from officeflow.people import answers, requests
from officeflow.people.links import checked, digest
from officeflow.runs import control
from officeflow.statuses import DecisionRule, RequestKind, RequestState, RunControl
from tests.answering.asked import CLOCK, FORM, Asked

pytestmark = pytest.mark.integration


@pytest.fixture
def web(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(page, "_database", lambda _: asked.database)
    with TestClient(page.application, base_url="https://officeflow.example") as client:
        yield client


def press(web: TestClient, token: str, choice: str, **more: str) -> tuple[int, str]:
    answer = web.post(f"/{token}", data={"token": token, "choice": choice, **more})
    return answer.status_code, text_of(answer.text)


def text_of(html: str) -> str:
    main = html.partition("<main>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()


def test_opening_a_link_shows_what_is_asked_and_answers_nothing(asked: Asked, web: TestClient) -> None:
    """Mail scanners open links, some of them often."""
    request_id = asked.ask("bea", timeout=dt.timedelta(days=2))
    token = asked.link(request_id)
    for _ in range(3):
        shown = web.get(f"/{token}")
        assert web.head(f"/{token}").status_code == 200
        assert shown.status_code == 200
    assert "May Ana have access to &lt;payroll&gt;?" in shown.text
    assert "<strong>Monday</strong>" in shown.text
    assert [re.findall(r"<button[^>]*>([^<]*)", shown.text)] == [["Approve", "Reject"]]
    assert asked.is_open(request_id)
    assert asked.link_row(token).used_at is None


def test_the_page_lets_nothing_in_or_out(asked: Asked, web: TestClient) -> None:
    token = asked.link(asked.ask("bea"))
    for answer in (web.get(f"/{token}"), web.get("/forged")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["x-frame-options"] == "DENY"
        assert not re.search(r"<script|<img|https?://", answer.text)


def test_what_a_workflow_writes_is_text_on_the_page(asked: Asked, web: TestClient) -> None:
    body = "<script>alert(1)</script> ![p](https://evil.example/p.png) [l](javascript:alert(1)) [ok](https://a.example)"
    shown = web.get(f"/{asked.link(asked.ask('bea', body=body, subject='<b>x</b>'))}").text
    assert "<script>" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert 'rel="noopener noreferrer nofollow"' in shown
    assert "<b>x</b>" not in shown


def test_the_button_answers_in_the_name_of_who_was_mailed(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    status, said = press(web, token, "Approve")
    assert (status, "It is decided, and the work goes on." in said) == (200, True)
    request, (seat,) = asked.request(request_id), asked.seats(request_id)
    assert (request.state, request.decision) == (RequestState.DECIDED, "Approve")
    assert (seat.door, seat.choice) == ("link", "Approve")
    assert asked.link_row(token).used_at is not None
    assert asked.audited()[-2:] == [("airflow:bea", "request.answered"), ("airflow:bea", "request.decided")]


def test_who_has_no_login_is_audited_by_their_address(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    with asked.database.tenant(asked.org.org_id) as session:
        session.get_one(User, asked.user("bea").user_id).airflow_login = None
    assert press(web, token, "Approve")[0] == 200
    assert asked.audited()[-1] == ("user:bea@acme.example", "request.decided")


def test_a_second_answer_is_told_who_answered_and_when(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea", "cyd")
    token, others = asked.link(request_id, "bea"), asked.link(request_id, "cyd")
    assert press(web, token, "Approve")[0] == 200
    for status, said in (press(web, token, "Approve"), press(web, others, "Approve")):
        assert status == 409
        assert "Already answered by bea at 20" in said
    opened = web.get(f"/{token}")
    assert (opened.status_code, "Already answered by bea at 20" in text_of(opened.text)) == (409, True)


def test_pressed_twice_at_once_it_counts_once(asked: Asked, web: TestClient) -> None:
    token = asked.link(asked.ask("bea"))
    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(lambda _: press(web, token, "Approve")[0], range(2)))
    assert statuses == [200, 409]
    assert [action for _, action in asked.audited()].count("request.answered") == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "not an address"},
        {"Origin": "https://officeflow.example.evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_answers_nothing(
    asked: Asked, web: TestClient, headers: dict[str, str]
) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    answer = web.post(f"/{token}", data={"token": token, "choice": "Approve"}, headers=headers)
    assert (answer.status_code, asked.is_open(request_id)) == (403, True)
    assert "This answer does not come from the page of its link" in text_of(answer.text)
    assert asked.link_row(token).used_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://officeflow.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://public.example"},
        {"Origin": "null"},
    ],
)
def test_our_own_page_answers_whatever_its_browser_says_of_it(
    asked: Asked, web: TestClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Browsers send `null` for a page that tells nobody its address; a proxy may give another host."""
    monkeypatch.setattr(page, "_public_url", lambda: "https://public.example/")
    token = asked.link(asked.ask("bea"))
    answer = web.post(f"/{token}", data={"token": token, "choice": "Approve"}, headers=headers)
    assert answer.status_code == 200


def test_forged_links_open_nothing(asked: Asked, web: TestClient) -> None:
    token = asked.link(asked.ask("bea"))
    random, dot, signature = token.rpartition(".")
    flipped = ("A" if random[0] != "A" else "B") + random[1:]
    for forged in ("x", "x" * 5000, random, f"{flipped}{dot}{signature}", f"{random}{dot}{signature[:-2]}AA"):
        assert web.get(f"/{forged}").status_code == 403, forged
        assert press(web, forged, "Approve")[0] == 403, forged
    with pytest.raises(Exception, match="not made by us"):
        checked("x.y")


def test_one_that_is_signed_and_not_ours_opens_nothing(asked: Asked, web: TestClient) -> None:
    """As from a database that was put back to an earlier state."""
    from officeflow.people import links

    token = links._signer().sign("nothing").decode()
    assert web.get(f"/{token}").status_code == 403


def test_the_database_cannot_be_turned_into_links(asked: Asked) -> None:
    token = asked.link(asked.ask("bea"))
    row = asked.link_row(token)
    assert row.token_hash == digest(token)
    assert token.partition(".")[0] not in row.token_hash
    assert len(token.partition(".")[0]) >= 43, "256 bits"


def test_an_expired_link_answers_no_more(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id, now=CLOCK.now() - dt.timedelta(hours=2))
    assert web.get(f"/{token}").status_code == 410
    status, said = press(web, token, "Approve")
    assert (status, "This link has expired at 20" in said) == (410, True)
    assert asked.is_open(request_id)


def test_after_the_deadline_nothing_is_taken(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea", timeout=dt.timedelta(days=1))
    token = asked.link(request_id)
    asked.change(request_id, deadline=CLOCK.now() - dt.timedelta(seconds=1))
    status, said = press(web, token, "Approve")
    assert (status, "Its time was over at" in said) == (410, True)
    assert asked.link_row(token).used_at is None


def test_who_is_asked_no_more_is_told_so(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    asked.user("cyd")
    with asked.database.tenant(asked.org.org_id) as session:
        requests.reassign(
            session, request_id, to_email="cyd@acme.example", from_email="bea@acme.example",
            by="airflow:al", why="she is away", now=CLOCK.now(),
        )  # fmt: skip
    status, said = press(web, token, "Approve")
    assert (status, "It was given to somebody else" in said) == (410, True)


def test_what_a_run_needs_no_more_is_told_so(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    with asked.database.tenant(asked.org.org_id) as session:
        run = session.get_one(WorkflowRun, asked.run_id)
        control.ask(session, run, RunControl.CANCEL, by="airflow:al", why="she drinks")
    for answer in (web.get(f"/{token}"), web.post(f"/{token}", data={"token": token, "choice": "Approve"})):
        assert answer.status_code == 410
        assert "Its run was cancelled by al at 20" in answer.text
        assert "she drinks" not in answer.text


def test_a_refusal_needs_a_reason_and_the_link_lives_until_it_has_one(asked: Asked, web: TestClient) -> None:
    token = asked.link(asked.ask("bea"))
    status, said = press(web, token, "Reject", reason=" ")
    assert (status, "Reject needs a reason" in said) == (422, True)
    assert asked.link_row(token).used_at is None
    assert press(web, token, "Reject", reason="no budget")[0] == 200


def test_an_option_that_is_not_offered_is_refused(asked: Asked, web: TestClient) -> None:
    token = asked.link(asked.ask("bea"))
    assert press(web, token, "Perhaps")[0] == 422
    assert press(web, token, "")[0] == 422


def test_a_form_is_filled_in_and_its_mistakes_are_named(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea", kind=RequestKind.FORM, form=FORM)
    token = asked.link(request_id)
    shown = web.get(f"/{token}").text
    assert re.findall(r'name="(field\.\w+)"', shown) == [f"field.{name}" for name in FORM["properties"]]
    wrong = {"field.laptop": "small", "field.desk": "zero", "field.bank": "DE00 secret"}
    answer = web.post(f"/{token}", data={"token": token, "choice": "Submit", **wrong})
    assert (answer.status_code, "is not a whole number" in answer.text) == (422, True)
    assert 'value="zero"' in answer.text, "what was filled in is not lost"
    missing = web.post(f"/{token}", data={"token": token, "choice": "Submit", "field.laptop": ""})
    assert (missing.status_code, "is missing" in missing.text) == (422, True)
    right = {**wrong, "field.desk": "7", "field.remote": "yes"}
    assert web.post(f"/{token}", data={"token": token, "choice": "Submit", **right}).status_code == 200
    (seat,) = asked.seats(request_id)
    assert seat.answer == {"laptop": "small", "desk": 7, "bank": "DE00 secret", "remote": True}


def test_one_yes_of_two_decides_nothing_yet(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea", "cyd", rule=DecisionRule.ALL)
    status, said = press(web, asked.link(request_id, "bea"), "Approve")
    assert (status, "1 of 2 have said yes" in said) == (200, True)
    assert asked.is_open(request_id)
    assert "It is decided" in press(web, asked.link(request_id, "cyd"), "Approve")[1]


def test_who_has_become_the_person_concerned_cannot_answer(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    from officeflow.database.tables import Employee

    with asked.database.tenant(asked.org.org_id) as session:
        session.query(Employee).update({"work_email": "bea@acme.example"})
    status, said = press(web, token, "Approve")
    assert (status, "It is about you" in said) == (403, True)


def test_an_answer_comes_from_the_page_itself(asked: Asked, web: TestClient) -> None:
    token = asked.link(asked.ask("bea"))
    assert web.post(f"/{token}", data={"choice": "Approve"}).status_code == 403
    assert web.post(f"/{token}", json={"token": token, "choice": "Approve"}).status_code == 415
    big = {"token": token, "choice": "Approve", "reason": "x" * 300_000}
    assert web.post(f"/{token}", data=big).status_code == 413
    assert web.put(f"/{token}").status_code == 405


def test_while_the_database_is_away_the_page_says_so(
    asked: Asked, web: TestClient, nowhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = asked.link(asked.ask("bea"))
    monkeypatch.setattr(page, "_database", lambda _: nowhere)
    assert web.get(f"/{token}").status_code == 503


def test_an_answer_by_another_door_ends_the_link(asked: Asked, web: TestClient) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="command", now=CLOCK.now(), login="bea")
    assert press(web, token, "Approve")[0] == 409
