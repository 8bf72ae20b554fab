"""axe-core on a page of the browser: what keeps somebody from using it, as lines."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from local.chromium import Browser

# WCAG 2.2 A and AA, and what axe holds good practice: skip link, order of headings, landmarks.
TAGS = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
RUN = f"""
(async () => {{
  // Nothing may be judged while it fades in, and a mail's frame runs no scripts.
  await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null)));
  const told = await axe.run(document, {{ runOnly: {TAGS}, iframes: false, resultTypes: ['violations'] }});
  const shown = [...document.querySelectorAll('button, summary')].filter((button) => button.offsetParent);
  const names = shown.map((button) => button.ariaLabel || button.textContent);
  const twice = names.filter((name, place) => names.indexOf(name) !== place).map((name) => `two buttons are called ${{name}}`);
  return twice.concat(told.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${{rule.id}} (${{rule.impact}}): ${{node.target.join(' ')}}: ${{node.failureSummary.replaceAll(/\\s+/g, ' ')}}`)));
}})()
"""


@cache
def _program() -> str:
    """The script itself, out of a package of which only this file is used (requirements/bare.txt)."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def findings(browser: Browser) -> list[str]:
    """One line per element and rule that axe finds on the page as it is now, and per name of two buttons; empty is good."""
    if not browser.evaluate("'axe' in window"):
        browser.evaluate(f"void ({{}});\n{_program()}\n;true")
    found: list[str] = browser.evaluate(RUN)
    return found
