"""How fast the rep's app is with 5,000 customers (15,000 rows), measured by hand: `.venv/bin/python -m tests.browser.measure`.

On SQLite, in a real Chromium at 4× CPU throttling; medians of three. Prints one JSON object: times in ms, sizes in bytes.
"""

import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Playwright, sync_playwright

from server.store import schema
from tests.browser import chromium
from tests.browser.handset import PHONE, Handset, Window
from tests.browser.house import REP, House, house
from tests.browser.witness import Witness

CUSTOMERS: Final = 5_000
IMPORT_ROWS: Final = 1_000
THROTTLE: Final = 4
RUNS: Final = 3
PATIENCE_MS: Final = 120_000
LIST: Final = "customers"
SHOWN: Final = "document.querySelectorAll('.long a.row').length > 0"
AFTER_PAINT: Final = "new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)))"
KEYSTROKE: Final = """async (word) => {
  const field = document.querySelector("input[type=search]");
  const began = performance.now();
  field.value = word;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  return performance.now() - began;
}"""
RESTART: Final = f"""async () => {{
  while (!({SHOWN})) await new Promise(requestAnimationFrame);
  await {AFTER_PAINT};
  return performance.now();
}}"""
TRANSFERRED: Final = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .filter((one) => !one.name.includes("/v1/")).reduce((bytes, one) => bytes + one.transferSize, 0)"""


def fill(here: House) -> None:
    """Import the customers and one contact of each."""
    for start in range(0, CUSTOMERS, IMPORT_ROWS):
        numbers = range(start, start + IMPORT_ROWS)
        rows = [
            {"external_id": f"C-{n}", "name": f"{'鑫达宏盛和'[n % 5]}{n}便利店", "owner": REP, "city": "上海", "phone": f"021-{n}"}
            for n in numbers
        ]
        _import(here, "customers", rows)
    for start in range(0, CUSTOMERS, IMPORT_ROWS):
        numbers = range(start, start + IMPORT_ROWS)
        _import(here, "contacts", [{"external_id": f"P-{n}", "customer": f"C-{n}", "name": f"王{n}", "phone": f"139{n}"} for n in numbers])


def _import(here: House, kind: str, rows: list[dict[str, Any]]) -> None:
    answer = here.boss.post(f"/v1/desk/imports/{kind}", {"rows": rows})
    assert answer.status_code == 200, answer.text
    assert answer.json()["taken"] == len(rows), answer.text


def measured(browser: Browser, here: House) -> dict[str, float]:
    """One run on a new phone."""
    phone = Handset(browser.new_context(**PHONE), here, Witness(), here.office)
    phone.context.set_default_timeout(PATIENCE_MS)
    window = phone.open(LIST)
    told: dict[str, float] = {"first_load_bytes": window.page.evaluate(TRANSFERRED)}
    session = _throttled(phone, window)
    told["first_sync_ms"] = _first_sync(window)
    window.can_start_alone()
    told["restart_ms"] = statistics.median(_restart(phone, window) for _ in range(RUNS))
    told["keystroke_ms"] = statistics.median(window.page.evaluate(KEYSTROKE, word) for word in ("鑫", "鑫1", "xd1bld", "0214", ""))
    told["rows_in_page"] = window.page.evaluate("document.querySelectorAll('.long li').length")
    session.send("HeapProfiler.collectGarbage")
    told["heap_bytes"] = window.page.evaluate("performance.memory.usedJSHeapSize")
    told["chunks_stored"] = window.stored()["chunk"]
    phone.context.close()
    return told


def _throttled(phone: Handset, window: Window) -> CDPSession:
    session = phone.context.new_cdp_session(window.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    return session


def _first_sync(window: Window) -> float:
    began: float = window.page.evaluate("performance.now()")
    window.sign_in()
    ended: float = window.page.evaluate(RESTART)
    return ended - began


def _restart(phone: Handset, window: Window) -> float:
    window.page.goto(f"{phone.app}{LIST}")
    drawn: float = window.page.evaluate(RESTART)
    return drawn


def medians(runs: int = RUNS) -> dict[str, float]:
    """Measure on new phones, so many of them: name → median."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'outrider.db'}"
        asyncio.run(schema.migrate(url))
        with house(url) as here, sync_playwright() as driver:
            fill(here)
            return _medians(driver, here, runs)


def _medians(driver: Playwright, here: House, runs: int) -> dict[str, float]:
    found = chromium.find()
    options: dict[str, Any] = {"executable_path": found.path, "env": found.environment}
    with driver.chromium.launch(args=[*chromium.ARGUMENTS, "--enable-precise-memory-info"], **options) as browser:
        told = [measured(browser, here) for _ in range(runs)]
    return {name: round(statistics.median(run[name] for run in told)) for name in told[0]}


if __name__ == "__main__":
    print(json.dumps(medians(), indent=1))  # noqa: T201 - what it is for
