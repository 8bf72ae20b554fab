"""What the vendors of the sandbox trade: head torches of an invented brand, one digital article, and spare parts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

VENDOR = "Nordlight"
CURRENCY = "USD"
HAZMAT_LITHIUM_IN_EQUIPMENT = "UN3481"


@dataclass(frozen=True)
class Attributes:
    """Technical facts of a torch. `hazmat` is a UN number, or None where the article is not dangerous goods."""

    weight_grams: int
    hazmat: str | None = None


@dataclass(frozen=True)
class SupplierIds:
    """How the supplier names one article: its `pid` and `vid` are numeric text, `supplier_sku` is its own code."""

    pid: str
    vid: str
    supplier_sku: str


@dataclass(frozen=True)
class Good:
    """One torch as its supplier offers it. Cost and freight are USD per unit, stock is whole units."""

    sku: str
    title: str
    description_html: str
    image_url: str
    category: str
    tags: tuple[str, ...]
    attributes: Attributes
    cost: Decimal
    freight: Decimal
    stock: int
    supplier: SupplierIds
    vendor: str = VENDOR

    @property
    def landed_cost(self) -> Decimal:
        """Cost plus freight, USD per unit."""
        return self.cost + self.freight


@dataclass(frozen=True)
class MadeGood:
    """An article that the maker of lamps itself sells, by mail. Cost and freight are USD per unit; `stock` None: always there."""

    maker_sku: str
    sku: str
    title: str
    description_html: str
    image_url: str
    cost: Decimal
    freight: Decimal
    stock: int | None


@dataclass(frozen=True)
class DigitalGood:
    """An article of the store's own that is downloaded: it has a price in USD, but no parcel and no supplier."""

    sku: str
    title: str
    description_html: str
    image_url: str
    price: Decimal
    vendor: str = VENDOR


@dataclass(frozen=True)
class FeedRow:
    """One accessory that is known from the supplier's CSV feed only: cost in USD, stock in whole units."""

    sku: str
    title: str
    cost: Decimal
    stock: int


def image_of(sku: str) -> str:
    """The address of the picture of one SKU."""
    return f"https://images.example.com/{sku}.jpg"


def _torch(
    number: int,
    sku: str,
    title: str,
    description_html: str,
    attributes: Attributes,
    price: tuple[str, str],
    tags: tuple[str, ...],
    stock: int = 40,
) -> Good:
    return Good(
        sku=sku,
        title=title,
        description_html=description_html,
        image_url=image_of(sku),
        category="Head torches",
        tags=("head torch", *tags),
        attributes=attributes,
        cost=Decimal(price[0]),
        freight=Decimal(price[1]),
        stock=stock,
        supplier=SupplierIds(
            pid=f"19052233445566{number:02d}",
            vid=f"19052233445577{number:02d}",
            supplier_sku=f"CJNL{100200 + number}{chr(64 + number)}Z",
        ),
    )


GOODS: tuple[Good, ...] = (
    _torch(
        1,
        "HL-MS-400",
        "Nordlight MS-400 motion sensor head torch",
        "<p>Wave a hand and it lights: a 400 lumen head torch for gloved fingers and full hands.</p>"
        "<ul><li>USB-C charging, 1200 mAh cell</li><li>Takes heavy rain, IPX6</li><li>78 g with strap</li></ul>",
        Attributes(78),
        ("6.40", "2.90"),
        ("motion sensor", "usb-c", "rechargeable"),
    ),
    _torch(
        2,
        "HL-COB-350",
        "Nordlight COB-350 wide flood head torch",
        "<p>A light bar that fills 230 degrees: the whole tent, the whole engine bay, no tunnel.</p>"
        "<ul><li>350 lumen flood</li><li>Splash proof, IPX4</li><li>Soft strap, 70 g</li></ul>",
        Attributes(70),
        ("4.10", "2.90"),
        ("flood", "230 degrees", "rechargeable"),
    ),
    _torch(
        3,
        "HL-PRO-1200",
        "Nordlight PRO-1200 expedition head torch",
        "<p>For long nights far from a socket: 1200 lumen from one exchangeable 21700 cell.</p>"
        "<ul><li>Survives a dip, IP67</li><li>Cell included, ships as UN3481</li><li>165 g with cell</li></ul>",
        Attributes(165, HAZMAT_LITHIUM_IN_EQUIPMENT),
        ("18.90", "3.60"),
        ("expedition", "21700", "waterproof"),
    ),
    _torch(
        4,
        "HL-KID-120",
        "Nordlight KID-120 children's head torch",
        "<p>A gentle 120 lumen for small explorers, with a strap that lets go when it is caught.</p>"
        "<ul><li>Runs on three AAA cells, not included</li><li>Splash proof, IPX4</li><li>52 g without cells</li></ul>",
        Attributes(52),
        ("3.20", "2.50"),
        ("children", "aaa"),
    ),
    _torch(
        5,
        "HL-UL-300",
        "Nordlight UL-300 ultralight head torch",
        "<p>Thirty-nine grams that you forget until dark, with a red light that spares night eyes.</p>"
        "<ul><li>300 lumen white, plus red</li><li>USB-C charging</li><li>Rain proof, IPX5</li></ul>",
        Attributes(39),
        ("7.20", "2.50"),
        ("ultralight", "red light", "usb-c"),
        stock=2,
    ),
)

GUIDE = DigitalGood(
    sku="GUIDE-PDF",
    title="Trail guide (PDF)",
    description_html="<p>Twelve night walks with maps, as a file to download.</p>",
    image_url=image_of("GUIDE-PDF"),
    price=Decimal("9.00"),
)

_ACCESSORIES = (
    "Spare strap",
    "Helmet clip",
    "USB-C cable 50 cm",
    "Red filter",
    "Diffuser cap",
    "Hard case",
    "Pole adapter",
    "Silicone ring",
    "Spare battery door",
)
_COLOURS = ("black", "orange", "green", "blue", "white")

ACCESSORIES: tuple[FeedRow, ...] = tuple(
    FeedRow(
        sku=f"ACC-{index + 1:03d}",
        title=f"{_ACCESSORIES[index % len(_ACCESSORIES)]}, {_COLOURS[index // len(_ACCESSORIES)]}",
        cost=Decimal(60 + 15 * (index % len(_ACCESSORIES))) / 100 + Decimal(index // len(_ACCESSORIES)) / 20,
        stock=12 + (index * 7) % 60,
    )
    for index in range(len(_ACCESSORIES) * len(_COLOURS))
)


_UL = GOODS[-1]
ONLY_MADE = "HL-DUO-600"
MADE: tuple[MadeGood, ...] = (
    # The second source of a lamp that the supplier may be out of, or refuse. One piece: see the story of two lamps.
    MadeGood("F-300", _UL.sku, _UL.title, _UL.description_html, _UL.image_url, Decimal("8.10"), Decimal("2.20"), 1),
    MadeGood(
        "F-600",
        ONLY_MADE,
        "Nordlight DUO-600 spot and flood head torch",
        "<p>A spot for the path and a flood for the hands, in one turn of the ring: straight from its maker.</p>"
        "<ul><li>600 lumen, two beams</li><li>USB-C charging</li><li>Rain proof, IPX5</li></ul>",
        image_of(ONLY_MADE),
        Decimal("11.30"),
        Decimal("2.60"),
        None,
    ),
)
"""What the maker without an API sells. HL-DUO-600 comes from nobody else."""


def good_of(sku: str) -> Good:
    """The torch with this SKU; raises KeyError when there is none."""
    for good in GOODS:
        if good.sku == sku:
            return good
    raise KeyError(sku)
