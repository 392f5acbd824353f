"""An office whose server and apps know fridges: declared, with words and a table. The only new screen is two buttons that enter them.

The first line that it writes tells the address and the customer; it stays until its input ends.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from mobile_api.cli import main as outrider
from mobile_api.routes import apps
from server.models.records import RECORD_TABLES
from shared_schema.registry import BY_NUMBER
from tests.browser import web
from tests.browser.office import Office, office
from tests.integration.site import beside

NUMBER: Final = 63
REP: Final = "wang"
FEATURES: Final = "app/features.ts"
HERE: Final = Path(__file__).parent


def main(database_url: str, folder: str) -> None:
    """Build the apps, make the table, serve."""
    noun = BY_NUMBER[NUMBER].name
    built = _built(Path(folder))
    for app in ("app", "desk"):
        apps.FILES[app] = apps.read_files(built / app)
    beside(database_url, lambda database: database.write(_made, noun))
    with office(database_url, Path(folder)) as opened:
        _tell(opened)
        sys.stdin.read()


def _made(conn: sa.Connection, noun: str) -> None:
    RECORD_TABLES[noun].create(conn)


def _tell(opened: Office) -> None:
    print(json.dumps({"url": opened.url, "customer_id": opened.customer(REP, "Quay Hardware")}), flush=True)  # noqa: T201


def _built(folder: Path) -> Path:
    """The apps from their own sources, with the schema of this process and the two buttons."""
    sources, out = folder / "web", folder / "dist"
    shutil.copytree(web.FOLDER, sources, ignore=shutil.ignore_patterns("node_modules", "dist", "generated"))
    (sources / "node_modules").symlink_to(web.FOLDER / "node_modules")
    outrider(["schema", str(sources / "client" / "src" / "generated")], standalone_mode=False)
    shutil.copy(HERE / "cold_case.tsx", sources / "app" / "cold_case.tsx")
    listed = (sources / FEATURES).read_text("utf-8")
    added = listed.replace("  TODAY,\n", "  COLD_CASES,\n  TODAY,\n")
    assert added != listed
    (sources / FEATURES).write_text('import { COLD_CASES } from "./cold_case.tsx";\n' + added, "utf-8")
    web.build(sources, out)
    return out
