"""Bodies in every format, and what is refused of them."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from officeflow.errors import InvalidEvent
from officeflow.events.webhooks import formats
from officeflow.events.webhooks.definition import Definition, parse
from officeflow.gateway import bodies
from officeflow.gateway.problems import Refused
from officeflow.statuses import RefusalReason

MULTIPART = {"content-type": "multipart/form-data; boundary=b"}


def source(form: str) -> Definition:
    return parse(
        {"format": form, "authentication": {"scheme": "bearer"}, "kind": "body.k", "employee": "body.e"}
    )


def part(name: str, text: str, file: str = "") -> str:
    named = f'; filename="{file}"' if file else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{text}\r\n'


def read(form: str, raw: bytes | str, headers: dict[str, str] | None = None) -> Any:
    return formats.read(source(form), headers or {}, raw.encode() if isinstance(raw, str) else raw)


@pytest.mark.parametrize(
    ("form", "raw", "body"),
    [
        ("json", '{"a": [1]}', {"a": [1]}),
        (
            "form",
            "a=1&b%5Bc%5D=2&l%5B%5D=x&l%5B%5D=y&d[e][0]=z",
            {"a": "1", "b": {"c": "2"}, "l": ["x", "y"], "d": {"e": {"0": "z"}}},
        ),
        ("xml", "<e a='1'><n>x</n><n>y</n></e>", {"e": {"@a": "1", "n": ["x", "y"]}}),
        (
            "csv",
            '\ufeffa,b\n1,"x,y"\n\n-2.5,+49 30 123\n',
            {"rows": [{"a": "1", "b": "x,y"}, {"a": "-2.5", "b": "+49 30 123"}]},
        ),
    ],
)
def test_a_body_becomes_what_expressions_can_read(form: str, raw: str, body: Any) -> None:
    assert read(form, raw) == body


def test_multipart_fields_are_those_of_a_form() -> None:
    assert read("multipart", part("a", "1") + part("b[c]", "ü") + "--b--\r\n", MULTIPART) == {
        "a": "1",
        "b": {"c": "ü"},
    }


BOMB = "<!DOCTYPE l [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>"
LAUGHS = (
    "<!DOCTYPE l [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><l>&a11;</l>"
)
PARAMETER = "<!DOCTYPE l [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><l/>"
EXTERNAL = "<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><l>&a;</l>"


@pytest.mark.parametrize(
    ("form", "raw", "said"),
    [
        ("json", '{"a": 1, "a": 2}', "twice"),
        ("json", "[" * 40 + "]" * 40, "levels deep"),
        ("json", '{"a": NaN}', "NaN"),
        ("json", '{"a": 1e999}', "too large"),
        ("json", '{"a": [-%s]}' % ("9" * 400), "a\\[0\\] is a number that is too large"),
        ("json", '{"a": %s}' % ("9" * 5000), "too large"),
        ("json", '{"a": "\\u0000"}', "NUL"),
        ("json", b"\xff{}", "UTF-"),
        ("form", "a=1&a=2", "twice"),
        ("form", "a=1&a[b]=2", "two forms"),
        ("form", "a" + "[b]" * 40 + "=1", "too deep"),
        ("form", "&".join(f"f{n}=1" for n in range(1001)), "1,000 fields"),
        ("xml", BOMB, "entities"),
        ("xml", EXTERNAL, "entities"),
        ("xml", BOMB.encode("utf-16"), "entities"),
        ("xml", LAUGHS, "entities"),
        ("xml", PARAMETER, "entities"),
        ("xml", "<!DOCTYPE l SYSTEM 'http://127.0.0.1:1/l.dtd'><l>&a;</l>", "document type"),
        ("xml", "<!DOCTYPE l [<!ATTLIST l a CDATA 'x'>]><l/>", "document type"),
        ("xml", "<l>&a;</l>", "undefined entity"),
        ("xml", "<a><b></a>", "not XML"),
        ("xml", "<a>" * 60 + "</a>" * 60, "levels deep"),
        ("csv", "a,b\n=1+1,2\n", "formula"),
        ("csv", "a,b\n1,@SUM(A1)\n", "formula"),
        ("csv", "a,b\n1,\"-2+cmd|'/C calc'!A0\"\n", "formula"),
        ("csv", "a,b\n1,\uff1d1+1\n", "formula"),
        ("csv", "a,=b\n1,2\n", "formula"),
        ("csv", "a,a\n1,2\n", "twice"),
        ("csv", "a\n" + "x" * 140_000, "not CSV"),
        ("csv", "a,b\n1\n", "1 cells"),
        ("csv", 'a,b\n1,"x\n', "not CSV"),
        ("csv", "", "first line"),
    ],
)
def test_what_would_harm_its_reader_or_be_read_in_two_ways_is_refused(
    form: str, raw: bytes | str, said: str
) -> None:
    with pytest.raises(InvalidEvent, match=said):
        read(form, raw)


def test_a_formula_is_told_with_its_place_and_without_what_it_is() -> None:
    with pytest.raises(InvalidEvent) as told:
        read("csv", "name,salary\nAda,1\nBo,=secret\n")
    (problem,) = told.value.problems
    assert problem.path == "line 3, column salary"
    assert "secret" not in str(told.value)


def test_a_form_with_a_file_is_refused_by_the_name_of_its_field() -> None:
    with pytest.raises(InvalidEvent, match="a file") as told:
        read("multipart", part("a", "1") + part("cv", "…", "cv.pdf") + "--b--\r\n", MULTIPART)
    assert [problem.path for problem in told.value.problems] == ["cv"]


def test_a_multipart_body_that_ends_early_is_refused() -> None:
    with pytest.raises(InvalidEvent, match=r"ends before|not multipart"):
        read("multipart", part("a", "1"), MULTIPART)


@pytest.mark.parametrize(
    ("form", "content_type"),
    [("json", "text/xml"), ("xml", "application/json"), ("multipart", "application/x-www-form-urlencoded")],
)
def test_a_body_of_another_type_is_refused(form: str, content_type: str) -> None:
    with pytest.raises(InvalidEvent) as told:
        read(form, "{}", {"content-type": content_type})
    assert told.value.reason_code is RefusalReason.UNSUPPORTED_CONTENT_TYPE


EVENT = {"specversion": "1.0", "id": "1", "source": "hr", "type": "employee.exit", "subject": "E"}


def test_cloudevents_are_read_in_their_three_modes() -> None:
    """HTTP protocol binding 1.0.2, sections 3.1 to 3.3."""
    binary = {f"ce-{name}": value for name, value in EVENT.items()} | {"ce-subject": "E%20%C3%A4"}
    (event,) = read("cloudevents", '{"a": 1}', {**binary, "content-type": "application/json"})["events"]
    assert (event["subject"], event["data"]) == ("E ä", {"a": 1})
    whole = json.dumps({**EVENT, "data_base64": "eyJhIjogMn0="})
    (event,) = read("cloudevents", whole, {"content-type": "application/cloudevents+json"})["events"]
    assert event["data"] == {"a": 2}
    batch = json.dumps([{**EVENT, "data": {"a": n}} for n in range(3)])
    found = read("cloudevents", batch, {"content-type": "application/cloudevents-batch+json; charset=utf-8"})
    assert [event["data"]["a"] for event in found["events"]] == [0, 1, 2]


@pytest.mark.parametrize("missing", ["id", "source", "type", "specversion"])
def test_a_cloudevent_without_what_every_one_has_is_refused(missing: str) -> None:
    event = {name: value for name, value in EVENT.items() if name != missing}
    with pytest.raises(InvalidEvent):
        read("cloudevents", json.dumps(event), {"content-type": "application/cloudevents+json"})


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_what_unpacks_to_more_than_it_may_is_refused_before_it_is_unpacked(coding: str, pack: Any) -> None:
    bomb = pack(bytes(50_000_000))
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(Refused) as told:
        bodies.unpacked(bomb, {"content-encoding": coding}, most=1_000_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told.value.status == 413
    assert most < 5_000_000


def test_an_archive_is_no_field_of_a_form() -> None:
    packed = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nPK\x03\x04\xff\r\n--b--\r\n'
    with pytest.raises(InvalidEvent, match="UTF-8"):
        formats.read(source("multipart"), MULTIPART, packed)


@pytest.mark.parametrize(
    ("coding", "raw", "status"),
    [
        ("br", b"x", 415),
        ("zstd", b"\x28\xb5\x2f\xfd", 415),
        ("gzip", b"no", 422),
        ("gzip", gzip.compress(b"{}")[:-3], 422),
        ("gzip, gzip", b"x", 415),
    ],
)
def test_a_coding_that_is_not_what_it_says_is_refused(coding: str, raw: bytes, status: int) -> None:
    with pytest.raises(Refused) as told:
        bodies.unpacked(raw, {"content-encoding": coding}, most=1000)
    assert told.value.status == status


def test_packed_bodies_are_unpacked() -> None:
    assert bodies.unpacked(gzip.compress(b"{}"), {"content-encoding": "GZIP"}, most=1000) == b"{}"
    assert bodies.unpacked(zlib.compress(b"{}"), {"content-encoding": "deflate"}, most=1000) == b"{}"
