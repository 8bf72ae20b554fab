"""Texts and links from outside: nothing hidden, no markup in plain text, no link that lies."""

from __future__ import annotations

import pytest

from orderwright.domain.outside_texts import MOST_OF_A_LINK, one_line, plain, safe_url, visible


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Eve\x1b[2J\x1b]0;owned\x07", "Eve [2J ]0;owned "),
        ("a\x9b31mb\x90c\x7fd\x00e", "a 31mb c d e"),
        ("one\ntwo\rthree\x85four\u2028five\u2029six\tseven", "one two three four five six seven"),
        ("ab\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c", "abgnp.exex"),
        ("half \ud83d a letter", "half   a letter"),
        ("Åsa Öberg  李 👩\u200d🌾", "Åsa Öberg  李 👩\u200d🌾"),
    ],
)
def test_what_steers_a_terminal_or_reorders_a_line_is_gone_and_letters_stay(given: str, shown: str) -> None:
    assert visible(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Lamp <b>bright</b>", "Lamp bright"),
        ("<script>alert(1)</script>Lamp", "Lamp"),
        ("Lamp<STYLE>p{}</STYLE ><!-- x -->", "Lamp"),
        ("Lamp <img src=x onerror=alert(1)>", "Lamp"),
        ("Lamp <img src=x onerror=alert(1)", "Lamp < img src=x onerror=alert(1)"),
        ("<<script>script>alert(1)</scr</script>ipt>", "< ipt>"),
        ("<\u200bscript>x", "x"),
        ("<\x00svg/onload=alert(1)>Lamp", "< svg/onload=alert(1)>Lamp"),
        ("Cable < 2 m, 5 > 3, Tom & Jerry, I <3 it", "Cable < 2 m, 5 > 3, Tom & Jerry, I <3 it"),
        ("&lt;b&gt;", "&lt;b&gt;"),
    ],
)
def test_a_title_holds_no_markup_that_a_page_could_run(given: str, shown: str) -> None:
    assert plain(given, 200) == shown
    assert plain(shown, 200) == shown, "once more changes nothing"


def test_a_title_is_cut_also_where_it_is_very_long() -> None:
    assert plain("x" * 1_000_000, 255) == "x" * 254 + "…"
    assert plain("<script>" * 200_000, 255) == "< scrip"
    assert one_line("y" * 20, 20) == "y" * 20


@pytest.mark.parametrize(
    "url",
    [
        "https://track.example.com/T1",
        "https://www.example.com:8443/a/b?number=AB%20123&x=1#part",
        "HTTPS://XN--BCHER-KVA.example.co.uk/",
        "https://a1.b-2.example.com",
        "https://example.com/" + "p" * (MOST_OF_A_LINK - 20),
    ],
)
def test_a_plain_https_address_is_safe(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        # another scheme, or none
        "http://track.example.com/T1", "javascript:alert(1)", "JaVaScRiPt://example.com/%0aalert(1)", "data:text/html,x",
        "ftp://example.com/", "file:///etc/passwd", "//example.com/T1", "www.example.com/T1", "https:example.com", "",
        # no real host
        "https://", "https:///T1", "https://localhost/T1", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
        "https://-a.example.com/", "https://a..example.com/", "https://example.com.:443/", "https://exa_mple.com/",
        "https://[broken", "https://example.com:99999/", "https://example.com:0/", "https://example.com:x/",
        "https://" + "a" * 64 + ".example.com/", "https://" + "a." * 130 + "example.com/",
        # credentials
        "https://user@example.com/", "https://user:pass@example.com/", "https://bank.example.com@evil.example.com/",
        "https://evil.example.com\\@bank.example.com/",
        # control characters and what is not a letter of an address
        "https://example.com/\nX", "https://example.com/\x1b[31m", "https://example.com/\x9bX", "https://example.com/\x7f",
        "https://example.com/a b", " https://example.com/", "https://example.com/\n", "https://example.com/%0D%0aX",
        "https://example.com/%1b", "https://example.com/%7F", "https://example.com/\u202egnp", "https://еxample.com/",
        'https://example.com/"onclick=1', "https://example.com/<script>", "https://example.com/`", "https://example.com/\ud800",
        # too long
        "https://example.com/" + "p" * (MOST_OF_A_LINK - 19),
    ],
)  # fmt: skip
def test_any_other_link_is_left_out(url: str) -> None:
    assert safe_url(url) == ""


def test_a_merchants_own_page_may_be_http() -> None:
    assert safe_url("http://shop.example.com", ("https", "http")) == "http://shop.example.com"
    assert safe_url("http://shop.example.com") == ""
