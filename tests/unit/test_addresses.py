"""One way to read an e-mail address, and it is strict."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.addresses import ATEXT, Mailbox, address, mailbox, mailto, of_mailto
from officeflow.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana@acme.example", Mailbox("ana@acme.example")),
        (" Ana@ACME.Example ", Mailbox("Ana@acme.example")),
        ("<ana@acme.example>", Mailbox("ana@acme.example")),
        ("Ana Pérez <ana@acme.example>", Mailbox("ana@acme.example", "Ana Pérez")),
        ("J. R. Núñez-O'Neill<a@b.example>", Mailbox("a@b.example", "J. R. Núñez-O'Neill")),
        ('"Smith, John (HR)" <j@acme.example>', Mailbox("j@acme.example", "Smith, John (HR)")),
        (r'"say \"hi\" \\o/" <j@acme.example>', Mailbox("j@acme.example", r'say "hi" \o/')),
        ('"=?utf-8?q?x=0D=0ABcc:y?=" <a@b.example>', Mailbox("a@b.example", "=?utf-8?q?x=0D=0ABcc:y?=")),
        ("👩‍👩‍👧 <a@b.example>", Mailbox("a@b.example", "👩‍👩‍👧")),
        ("o'neill+x/y=z@mail.local", Mailbox("o'neill+x/y=z@mail.local")),
        ("root@localhost", Mailbox("root@localhost")),
        ("ana@straße.example", Mailbox("ana@xn--strae-oqa.example")),
        ("ana@strasse.example", Mailbox("ana@strasse.example")),
        ("ana@xn--strae-oqa.example", Mailbox("ana@xn--strae-oqa.example")),
        ("ana@βόλος.example", Mailbox("ana@xn--nxasmm1c.example")),
    ],
)
def test_a_mailbox_is_read_as_it_is_written(text: str, expected: Mailbox) -> None:
    assert mailbox(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a@b.example, c@d.example", "list"),
        ("a@b.example,c@d.example", "list"),
        ("a@b.example; c@d.example", "list"),
        ("a@b.example c@d.example", "list"),
        ("Smith, John <j@acme.example>", "quotes"),
        ("Ana (HR) <ana@acme.example>", "quotes"),
        ("evil@evil.example <ana@acme.example>", "more than one way"),
        ("<a@b.example> <c@d.example>", "more than one way"),
        ("Ana <a@b.example>, Bob <c@d.example>", "more than one way"),
        ('"Ana" Pérez <a@b.example>', "more than one way"),
        ('"Ana <a@b.example>', "more than one way"),
        ("Team: a@b.example, c@d.example;", "list"),
        ("<@relay.example:a@b.example>", "more than one address"),
        ("ana@acme.example (Ana)", "cannot be part of a domain"),
        ('"ana smith"@acme.example', "before the @"),
        ("ana@[192.0.2.1]", "cannot be part of a domain"),
        ("a..b@acme.example", "before the @"),
        (".a@acme.example", "before the @"),
        ("ana@acme..example", "domain"),
        ("ana@acme.example.", "domain"),
        ("ana@-acme.example", "domain"),
        ("ana@acme_1.example", "domain"),
        ("ñandú@acme.example", "SMTPUTF8"),
        ("ana@ÜBER.example", "IDNA 2008"),
        ("ana@\uff41cme.example", "IDNA 2008"),
        ("ana@acme。example", "IDNA 2008"),
        ("ana@xn--a.example", "IDNA 2008"),
        ("ana@a\u200bb.example", "IDNA 2008"),
        ("a@b.example\r\nBcc: c@d.example", "control character"),
        ("a@b.example\x00", "control character"),
        ("A\u2028B <a@b.example>", "control character"),
        ("\ud800 <a@b.example>", "control character"),
        ("a" * 65 + "@b.example", "longer"),
        ("a@" + ".".join(["b" * 60] * 5), "longer"),
        ("a@" + "b" * 64 + ".example", "part of a domain"),
        ("x" * 2000 + " <a@b.example>", "longer"),
        ("ana", "name@domain"),
        ("@acme.example", "name@domain"),
        ("ana@", "name@domain"),
        ("", "name@domain"),
        ("<>", "name@domain"),
    ],
)
def test_what_could_be_read_in_two_ways_or_is_none_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        mailbox(text)
    assert why in str(caught.value)
    assert repr(text[:100])[1:-1] in str(caught.value)


def test_where_only_an_address_is_wanted_a_name_is_refused() -> None:
    assert address(" ana@straße.example") == "ana@xn--strae-oqa.example"
    with pytest.raises(InvalidInput, match="name"):
        address("Ana <ana@acme.example>")


def test_in_a_uri_an_address_is_an_address_and_nothing_of_the_uri() -> None:
    assert mailto("a?cc=evil%40evil@acme.example") == "mailto:a%3Fcc%3Devil%2540evil@acme.example"
    assert of_mailto("MAILTO:ana@acme.example") == "ana@acme.example"
    assert of_mailto("urn:uuid:7") == "urn:uuid:7"


@given(st.from_regex(rf"\A[{ATEXT}]{{1,20}}\Z").map(lambda local: f"{local}@acme.example"))
def test_every_address_comes_back_from_its_uri(text: str) -> None:
    assert of_mailto(mailto(text)) == text
    assert not set(mailto(text)) & set("?#&/ ")


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(list('ab@.,;:<>()[]"\\ é\r\n\t=?-')), max_size=20).map("".join)
)
def test_whatever_is_typed_gives_one_plain_address_or_a_clear_error(text: str) -> None:
    try:
        found = mailbox(text)
    except InvalidInput:
        return
    assert re.fullmatch(rf"[.{ATEXT}]+@[a-z0-9.-]+", found.address)
    assert found.address.count("@") == 1
    assert mailbox(found.address) == Mailbox(found.address)
    assert text.casefold().count("@") == 1
