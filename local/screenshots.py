"""`make screenshots`: the pictures of the customer's page for docs, as PNG files in docs/images. They need Chromium.

The page is the real one, over the fixed parts of tests/support/tracked.py, so that a picture changes only with the page.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from local.chromium import Browser, program
from local.packager.artifacts import ROOT
from orderwright.customer_page import order_page, receipt_page
from orderwright.domain.customer_request import RequestedLine, RequestKind, SentRequest
from orderwright.domain.order import OrderState
from tests.support.tracked import FACE, NOW, gallery, order, page

FOLDER = ROOT / "docs" / "images"
MOST_BYTES = 120 * 1000


class Picture(NamedTuple):
    """One picture: width and most height in CSS pixels, whether at night."""

    name: str
    html: str
    width: int
    most: int
    night: bool = False


def pictures() -> list[Picture]:
    """All of them."""
    lamp = RequestedLine(line_id="1", title="Mushroom table lamp", quantity=1)
    sent = SentRequest(kind=RequestKind.WITHDRAWAL, number=0, order="o", at=NOW, lines=(lamp,))
    placed = page(order(OrderState.PLACED))
    return [
        Picture("tracking-page", order_page(gallery()["several"], FACE, NOW, "en"), 1000, 900),
        Picture("tracking-page-on-a-phone", order_page(gallery()["on_its_way"], FACE, NOW, "uk"), 360, 780, night=True),
        Picture("withdrawal-receipt", receipt_page(placed, FACE, sent, NOW, "en"), 700, 700),
    ]


def take(browser: Browser, picture: Picture, folder: Path) -> Path:
    """Write one; gives its file. Raises RuntimeError where it is too large for docs."""
    scheme = "dark" if picture.night else "light"
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.send(
        "Emulation.setDeviceMetricsOverride",
        width=picture.width,
        height=picture.most,
        deviceScaleFactor=1,
        mobile=False,
    )
    address = base64.b64encode(picture.html.encode()).decode()
    browser.open(f"data:text/html;charset=utf-8;base64,{address}")
    high = min(picture.most, int(browser.evaluate("document.documentElement.scrollHeight")))
    clip: dict[str, Any] = {"x": 0, "y": 0, "width": picture.width, "height": high, "scale": 1}
    made = browser.send("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    written = base64.b64decode(made["data"])
    if len(written) > MOST_BYTES:
        raise RuntimeError(f"{picture.name}.png has {len(written)} bytes, more than {MOST_BYTES}: make it smaller")
    file = folder / f"{picture.name}.png"
    file.write_bytes(written)
    return file


def main() -> int:
    """Exit code 0, or 1 without Chromium."""
    found = program()
    if found is None:
        print("error: no Chromium here. Install one (apt-get install chromium), then run this again.", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(found, Path(profile))
        try:
            for picture in pictures():
                file = take(browser, picture, FOLDER)
                print(f"{file.relative_to(ROOT)}: {file.stat().st_size} bytes")
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
