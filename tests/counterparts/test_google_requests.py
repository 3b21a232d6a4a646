"""Who is let in to the Google Workspace that is played, which requests are refused, and what goes wrong when
a test asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.parser import BytesParser
from typing import Any

import httpx
import pytest

from counterparts.google.routes import routes
from counterparts.google.scopes import AUTH, USUAL
from counterparts.vendors.description import Operation, Seen
from counterparts.vendors.mutations import mutants
from tests.counterparts.google import GoogleWorkspace, description

pytestmark = pytest.mark.integration

USERS = "/admin/directory/v1/users"
USER = f"{USERS}/{{userKey}}"
ADA = "ada@acme.example"
PERSON = {
    "primaryEmail": ADA,
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "password": "correct horse",
    "suspended": False,
}
CUSTOMER = "/admin/directory/v1/customer/my_customer"
FIELD = {"fieldName": "level", "fieldType": "STRING", "displayName": "Level"}
FITTING: list[tuple[str, str, dict[str, str], Any]] = [
    ("GET", USERS, {"customer": "my_customer", "maxResults": "5", "projection": "full"}, None),
    ("POST", USERS, {}, PERSON),
    ("POST", "/admin/directory/v1/groups", {}, {"email": "board@acme.example", "name": "Board"}),
    ("POST", "/admin/directory/v1/groups/staff@acme.example/members", {}, {"email": ADA, "role": "OWNER"}),
    ("POST", f"{CUSTOMER}/orgunits", {}, {"name": "Lab", "parentOrgUnitPath": "/"}),
    ("GET", f"{CUSTOMER}/orgunits", {"type": "all"}, None),
    ("POST", f"{CUSTOMER}/schemas", {}, {"schemaName": "hr", "displayName": "HR", "fields": [FIELD]}),
    ("GET", "/apps/licensing/v1/product/Google-Apps/users", {"customerId": "my_customer"}, None),
    ("POST", "/apps/licensing/v1/product/Google-Apps/sku/1010020027/user", {}, {"userId": ADA}),
    ("POST", "/v1/inboundSamlSsoProfiles", {}, {"displayName": "IdP", "idpConfig": {
        "entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"}}),
]  # fmt: skip
"""Requests that the description allows, one after the other."""


@pytest.fixture
def api(google_workspace: GoogleWorkspace) -> Iterator[httpx.Client]:
    with google_workspace.client() as client:
        yield client


def seen(method: str, path: str, query: dict[str, str], body: Any) -> Seen:
    headers = {} if body is None else {"content-type": "application/json"}
    return Seen(
        method, path, list(query.items()), headers, b"" if body is None else json.dumps(body).encode()
    )


def send(api: httpx.Client, request: Seen) -> httpx.Response:
    params = httpx.QueryParams([(name, value) for name, value in request.query])
    return api.request(
        request.method,
        request.path,
        params=params,
        headers=dict(request.headers),
        content=request.body,
    )


def operation(method: str, path: str) -> Operation:
    template = description().template(method, path)
    return next(
        each for each in description().operations() if (each.method, each.template) == (method, template)
    )


def reason(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["errors"][0]["reason"]


def test_requests_that_break_one_demand_of_the_description_are_refused(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    described = list(description().operations())
    tried = 0
    for method, path, query, body in FITTING:
        fits = seen(method, path, query, body)
        before = google_workspace.control("GET", "state")
        for mutant in mutants(operation(method, path), fits, described):
            answer = send(api, mutant.request)
            assert answer.status_code in mutant.statuses, (method, path, mutant.name, answer.text)
            tried += 1
        assert google_workspace.control("GET", "state") == before
        assert send(api, fits).is_success
    problems = google_workspace.problems()
    assert len(problems) == tried
    assert tried > 100


def test_every_route_is_described_and_lets_in_the_scopes_of_the_description() -> None:
    described = {(each.method, each.template): set(each.scopes) for each in description().operations()}
    ours = {(each.method, each.template): each for each in routes(lambda: None)}  # type: ignore[arg-type, return-value] # no batch is sent
    undescribed = {key for key, each in ours.items() if each.undescribed}
    assert undescribed == {("POST", "/token"), ("POST", "/batch"), ("POST", "/batch/{api}")}
    assert {key: set(each.needs) for key, each in ours.items() if key not in undescribed} == {
        key: described[key] for key in ours if key not in undescribed
    }


def test_the_fake_says_what_no_description_is_at_hand_for(google_workspace: GoogleWorkspace) -> None:
    about = google_workspace.control("GET", "about")
    assert about["validation"]
    assert {each["route"] for each in about["undescribed"]} == {"/token", "/batch", "/batch/{api}"}
    assert all(each["page"].startswith("https://developers.google.com/") for each in about["undescribed"])


@pytest.mark.parametrize(
    ("claims", "status", "error"),
    [
        ({"iss": "somebody@else.example"}, 400, "invalid_grant"),
        ({"aud": "https://elsewhere.example/token"}, 400, "invalid_grant"),
        ({"exp": 1}, 400, "invalid_grant"),
        ({"exp": 4_000_000_000}, 400, "invalid_grant"),
        ({"sub": "ghost@acme.example"}, 400, "invalid_grant"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"scope": f"{AUTH}drive"}, 401, "unauthorized_client"),
    ],
)
def test_an_assertion_that_claims_something_else_gets_no_token(
    google_workspace: GoogleWorkspace, claims: dict[str, Any], status: int, error: str
) -> None:
    answer = google_workspace.ask_for_token(google_workspace.assertion(**claims))
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_signature_of_somebody_else_gets_no_token(google_workspace: GoogleWorkspace) -> None:
    head, claims, _ = google_workspace.assertion().split(".")
    forged = f"{head}.{claims}.{'A' * 342}"
    assert google_workspace.ask_for_token(forged).json()["error"] == "invalid_grant"
    assert google_workspace.ask_for_token("nonsense").json()["error"] == "invalid_grant"


def test_what_is_delegated_no_more_is_refused(google_workspace: GoogleWorkspace) -> None:
    account = {
        "clientEmail": google_workspace.key["client_email"],
        "scopes": [f"{AUTH}admin.directory.group"],
    }
    google_workspace.control("POST", "delegation", account)
    answer = google_workspace.ask_for_token(google_workspace.assertion(scope=f"{AUTH}admin.directory.user"))
    assert answer.json()["error"] == "unauthorized_client"


def test_a_token_opens_what_its_scopes_and_its_administrator_open_until_it_ends(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    read_only = google_workspace.token([f"{AUTH}admin.directory.user.readonly"])
    with google_workspace.client(read_only) as reader:
        assert reader.get(f"{USERS}/{google_workspace.admin}").is_success
        refused = reader.post(USERS, json=PERSON)
        assert reason(refused) == (403, "insufficientPermissions")
        assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    api.post(USERS, json=PERSON).raise_for_status()
    with google_workspace.client(google_workspace.token(USUAL, ADA)) as nobody:
        assert reason(nobody.get(f"{USERS}/{ADA}")) == (403, "forbidden")
    google_workspace.put_clock_forward(3600)
    assert reason(api.get(f"{USERS}/{ADA}")) == (401, "authError")
    with google_workspace.client("invented") as stranger:
        assert reason(stranger.get(f"{USERS}/{ADA}")) == (401, "authError")


def test_a_delegated_administrator_does_what_the_role_is_for(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    identity = api.post(USERS, json=PERSON).raise_for_status().json()["id"]
    roles = api.get(f"{CUSTOMER}/roles").json()["items"]
    groups_admin = next(each["roleId"] for each in roles if each["roleName"] == "_GROUPS_ADMIN_ROLE")
    assigned = {"roleId": groups_admin, "assignedTo": identity, "scopeType": "CUSTOMER"}
    api.post(f"{CUSTOMER}/roleassignments", json=assigned).raise_for_status()
    with google_workspace.client(google_workspace.token(USUAL, ADA)) as delegated:
        assert delegated.get("/admin/directory/v1/groups/staff@acme.example").is_success
        assert reason(delegated.get(f"{USERS}/{ADA}")) == (403, "forbidden")


def part(method: str, path: str, number: int, body: Any = None) -> MIMENonMultipart:
    """As Google's own client writes it."""
    message = MIMENonMultipart("application", "http")
    message["Content-Transfer-Encoding"] = "binary"
    message["Content-ID"] = f"<batch + {number}>"
    text = "" if body is None else json.dumps(body)
    message.set_payload(f"{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{text}")
    return message


@pytest.mark.parametrize("path", ["/batch", "/batch/admin/directory_v1"])
def test_the_parts_of_a_batch_are_answered_each_for_itself(
    google_workspace: GoogleWorkspace, api: httpx.Client, path: str
) -> None:
    batch = MIMEMultipart("mixed")
    batch.attach(part("POST", USERS, 1, {**PERSON, "organizations": [{"title": "Ingénieure"}]}))
    batch.attach(part("GET", f"{USERS}/{ADA}?fields=primaryEmail", 2))
    batch.attach(part("GET", f"{USERS}/ghost@acme.example", 3))
    head, _, content = batch.as_bytes().partition(b"\n\n")
    content_type = BytesParser().parsebytes(head + b"\n\n")["Content-Type"].replace("\n", "")
    answer = api.post(path, content=content, headers={"Content-Type": content_type}).raise_for_status()
    whole = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode() + answer.content
    parts = [each for each in BytesParser().parsebytes(whole).get_payload() if isinstance(each, Message)]
    assert [each["Content-ID"] for each in parts] == [f"<response-batch + {number}>" for number in (1, 2, 3)]
    texts = [str(each.get_payload()) for each in parts]
    assert [text.split()[1] for text in texts] == ["200", "200", "404"]
    found = texts[1].replace("\r\n", "\n").partition("\n\n")[2]
    assert json.loads(found) == {"primaryEmail": ADA}
    lines = google_workspace.requests()[-4:]
    assert [line["effect"] for line in lines] == ["writes", "reads", "reads", "reads"]
    assert [line["path"] for line in lines] == [USERS, f"{USERS}/{ADA}", f"{USERS}/ghost@acme.example", path]


def test_a_batch_that_is_none_is_refused(api: httpx.Client) -> None:
    for content, kind in ((b"{}", "application/json"), (b"--x--", "multipart/mixed; boundary=x")):
        assert api.post("/batch", content=content, headers={"Content-Type": kind}).status_code == 400


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, "quotaExceeded", "quotaExceeded"),
        (403, "userRateLimitExceeded", "userRateLimitExceeded"),
        (429, "", "rateLimitExceeded"),
        (412, "", "conditionNotMet"),
        (503, "", "backendError"),
    ],
)
def test_a_fault_answers_as_google_would(
    google_workspace: GoogleWorkspace, api: httpx.Client, status: int, code: str, expected: str
) -> None:
    google_workspace.add_faults({"hook": "answer", "route": USER, "status": status, "code": code})
    assert reason(api.get(f"{USERS}/{google_workspace.admin}")) == (status, expected)
    assert api.get(f"{USERS}/{google_workspace.admin}").is_success


def test_the_token_endpoint_can_be_down(google_workspace: GoogleWorkspace) -> None:
    google_workspace.add_faults({"hook": "answer", "route": "/token", "status": 503})
    answer = google_workspace.ask_for_token(google_workspace.assertion())
    assert (answer.status_code, answer.json()["error"]) == (503, "internal_failure")


def test_a_rate_limit_says_when_or_does_not(google_workspace: GoogleWorkspace, api: httpx.Client) -> None:
    google_workspace.add_faults({"hook": "rate_limit", "retry_after": 3}, {"hook": "rate_limit"})
    answers = [api.get(f"{USERS}/{google_workspace.admin}") for _ in range(2)]
    assert [reason(each) for each in answers] == [(429, "rateLimitExceeded")] * 2
    assert [each.headers.get("Retry-After") for each in answers] == ["3", None]


@pytest.mark.parametrize(
    ("hook", "there"),
    [
        ("act_then_answer", True), ("act_then_drop", True), ("act_then_silent", True),
        ("drop", False), ("silent", False), ("answer", False), ("nothing", False),
    ],
)  # fmt: skip
def test_a_fault_is_before_or_after_the_act(
    google_workspace: GoogleWorkspace, api: httpx.Client, hook: str, *, there: bool
) -> None:
    google_workspace.add_faults({"hook": hook, "method": "POST", "route": USERS, "seconds": 0.1})
    try:
        answer = api.post(USERS, json=PERSON)
        assert answer.is_success == (hook == "nothing")
    except httpx.TransportError:
        assert "answer" not in hook
    assert (google_workspace.user(ADA) is not None) is there


def test_a_new_user_is_not_seen_for_a_while(google_workspace: GoogleWorkspace, api: httpx.Client) -> None:
    by_key = f"GET {USER}"
    google_workspace.add_faults(
        {"hook": "lag", "method": "POST", "route": USERS, "reads": 2, "seen_by": [by_key]}
    )
    identity = api.post(USERS, json=PERSON).raise_for_status().json()["id"]
    assert [api.get(f"{USERS}/{key}").status_code for key in (identity, ADA, identity)] == [404, 404, 200]


def test_pages_repeat_or_are_empty_where_a_test_asks_for_it(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.control("POST", "crowd", {"count": 4})
    asked = {"customer": "my_customer", "maxResults": "2"}
    google_workspace.add_faults(
        {"hook": "repeated_page", "route": USERS}, {"hook": "empty_page", "route": USERS, "skip": 1}
    )
    first = api.get(USERS, params=asked).json()
    second = api.get(USERS, params={**asked, "pageToken": first["nextPageToken"]}).json()
    assert (len(first["users"]), "users" in second) == (2, False)
    assert first["nextPageToken"] == second["nextPageToken"]


def test_a_customer_of_somebody_else_is_none_of_ours(api: httpx.Client) -> None:
    assert reason(api.get(USERS, params={"customer": "C0other"})) == (403, "forbidden")
    assert reason(api.get(USERS)) == (400, "badRequest")
    assert reason(api.get(f"{CUSTOMER}x/roles")) == (403, "forbidden")


@pytest.mark.crash
def test_the_directory_survives_kill_9_and_its_files_hold_no_secret(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    api.post(USERS, json=PERSON).raise_for_status()
    token = str(api.headers["Authorization"]).removeprefix("Bearer ")
    before = google_workspace.control("GET", "state")
    google_workspace.kill()
    google_workspace.start()
    assert google_workspace.control("GET", "state") == before
    with google_workspace.client(token) as again:
        assert again.get(f"{USERS}/{ADA}").is_success
    key = "".join(google_workspace.key["private_key"].splitlines()[1:3])
    for name in ("requests.jsonl", "google.sqlite", "google.sqlite-wal", "output"):
        path = google_workspace.folder / name
        text = path.read_bytes().decode(errors="replace").replace("\\n", "") if path.exists() else ""
        for secret in (token, PERSON["password"], google_workspace.secret, key):
            assert str(secret) not in text, name
