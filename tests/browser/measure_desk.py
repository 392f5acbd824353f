"""How fast the manager's desk is with 5,000 customers, measured by hand: `.venv/bin/python -m tests.browser.measure_desk`.

On SQLite, in a real Chromium at 4× CPU throttling; medians of three. Prints one JSON object: times in ms.
"""

import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from server.store import schema
from shared_schema.records.reference import Role
from tests.browser import chromium
from tests.browser.desk import WIDE, opened
from tests.browser.handset import PHONE, Handset
from tests.browser.house import REP, House, house
from tests.browser.measure import PATIENCE_MS, RUNS, THROTTLE, fill
from tests.browser.witness import Witness

PAINTED: Final = "await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));"
DRAWN: Final = f"""async (row) => {{
  while (document.querySelector(row) === null) await new Promise(requestAnimationFrame);
  {PAINTED}
  return performance.now();
}}"""
TYPED: Final = f"""async (word) => {{
  const field = document.querySelector("main input[type=search]");
  const began = performance.now();
  field.value = word;
  field.dispatchEvent(new Event("input", {{ bubbles: true }}));
  {PAINTED}
  return performance.now() - began;
}}"""
PRESSED: Final = f"""async (place) => {{
  const began = performance.now();
  document.querySelector(place).click();
  {PAINTED}
  return performance.now() - began;
}}"""
WORDS: Final = ("鑫", "鑫1", "上海 2", "lin", "")


def manned(here: House) -> None:
    """Put the rep below a manager."""
    department_id = here.boss.post("/v1/desk/departments", {"name": "East"}).json()["id"]
    below = {"id": here.rep_id, "login": REP, "name": "Lin", "role": int(Role.rep), "department_id": department_id}
    assert here.boss.post("/v1/desk/users", below).status_code == 200
    here.site.user(here.boss, "zhou", Role.manager, department_id=department_id)


def measured(browser: Browser, here: House) -> dict[str, float]:
    """One run in a new profile."""
    profile = Handset(browser.new_context(**{**PHONE, **WIDE}), here, Witness(), here.office)
    profile.context.set_default_timeout(PATIENCE_MS)
    desk = opened(profile, "zhou")
    page = desk.page
    page.locator(".figure", has_text="5,00").first.wait_for()
    session = profile.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})

    def drawn(path: str, row: str) -> float:
        page.goto(f"{desk.address}{path}")
        ms: float = page.evaluate(DRAWN, row)
        return ms

    told = {"board_ms": statistics.median(drawn("board", ".team tbody tr") for _ in range(RUNS))}
    told["list_ms"] = statistics.median(drawn("customers", "tbody tr[data-at]") for _ in range(RUNS))
    told["first_keystroke_ms"] = page.evaluate(TYPED, "b")
    told["keystroke_ms"] = statistics.median(page.evaluate(TYPED, word) for word in WORDS)
    told["sort_ms"] = statistics.median(page.evaluate(PRESSED, f"thead th:nth-child({place}) button") for place in (2, 3, 4, 7))
    told["choose_ms"] = statistics.median(page.evaluate(PRESSED, f"tr[data-at='{row}'] input") for row in (0, 1, 2))
    told["arrow_ms"] = _arrow(page)
    told["open_ms"] = page.evaluate(PRESSED, "tr[data-at='0'] th button")
    told["rows_in_page"] = page.evaluate("document.querySelectorAll('tbody tr[data-at]').length")
    profile.context.close()
    return told


def _arrow(page: Page) -> float:
    page.locator("tr[data-at='0']").focus()
    pressed = f"""async () => {{
      const began = performance.now();
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {{ key: "ArrowDown", bubbles: true }}));
      {PAINTED}
      return performance.now() - began;
    }}"""
    times: list[float] = [page.evaluate(pressed) for _ in range(5)]
    return statistics.median(times)


def medians(runs: int = RUNS) -> dict[str, float]:
    """Measure in new profiles, so many of them: name → median."""
    found = chromium.find()
    options: dict[str, Any] = {"executable_path": found.path, "env": found.environment, "args": list(chromium.ARGUMENTS)}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'outrider.db'}"
        asyncio.run(schema.migrate(url))
        with house(url) as here, sync_playwright() as driver, driver.chromium.launch(**options) as browser:
            fill(here)
            manned(here)
            told = [measured(browser, here) for _ in range(runs)]
    return {name: round(statistics.median(run[name] for run in told)) for name in told[0]}


if __name__ == "__main__":
    print(json.dumps(medians(), indent=1))  # noqa: T201 - what it is for
