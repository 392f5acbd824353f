"""The npm package: packed, installed in an empty folder without a network, and the example of the guide run against a real server."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from shared_schema.problem import CODES
from tests.contract.documents import DOCS, codes, table
from tests.integration.client import NODE, WEB
from tests.integration.site import PASSWORD, Site

GUIDE: Final = (DOCS / "mobile-guide.md").read_text("utf-8")
NPM: Final = Path(sys.prefix) / "bin" / "npm-cli.js"
LINES_MAX: Final = 30
TYPED: Final = """
import { Phone, command, create, patch, remove, type Customer, type PhoneState } from "outrider-client";
import { TITLES_ZH } from "outrider-client/words";
import { IndexedStorage } from "outrider-client/storage/indexed";
import { SqliteStorage } from "outrider-client/storage/sqlite";
import { withKeychain } from "outrider-client/storage/keychain";
import { withUsers } from "outrider-client/storage/users";
export const phone = new Phone({ url: "", storage: new IndexedStorage("a") });
export const state: PhoneState = phone.state;
export const shown: Customer[] = phone.views("customer");
create("customer", { name: "Blue Door", "extra.region": "north" });
remove("contact", phone.newId());
patch("customer", phone.newId(), { tags: { add: ["new"], remove: [] } });
command("pool_card", phone.newId(), { command: "claim" });
// @ts-expect-error a customer has no colour
create("customer", { colour: "red" });
// @ts-expect-error a customer takes no command
command("customer", phone.newId(), { command: "claim" });
export { SqliteStorage, TITLES_ZH, withKeychain, withUsers };
"""


def npm(*words: str, cwd: Path) -> str:
    """Run npm without a network; its output."""
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    told = subprocess.run(
        [str(NODE), str(NPM), *words],
        cwd=cwd,
        env={"PATH": path, "HOME": str(cwd), "npm_config_offline": "true", "npm_config_cache": str(cwd / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack a copy of the sources, and install the package into an empty folder."""
    packed, app = tmp_path_factory.mktemp("packed"), tmp_path_factory.mktemp("app")
    shutil.copytree(WEB / "client", packed / "client", ignore=shutil.ignore_patterns("dist", "tests"))
    (packed / "node_modules").symlink_to(WEB / "node_modules")
    name = npm("pack", "--silent", cwd=packed / "client").strip()
    shutil.move(packed / "client" / name, app / name)
    npm("install", "--no-audit", "--no-fund", f"./{name}", cwd=app)
    return app


def example() -> str:
    """The first block of the guide."""
    found = re.search(r"^```js\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_of_the_guide_signs_in_syncs_and_the_server_has_its_customer(served: Site, installed: Path) -> None:
    assert len(example().splitlines()) <= LINES_MAX
    (installed / "first.mjs").write_text(example(), "utf-8")
    words = [str(NODE), "first.mjs", str(served.http.base_url), "alpha", "lin", PASSWORD]
    told = subprocess.run(words, cwd=installed, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.endswith("Night Market - 2 entries wait\nin step with the server\n")
    lin = served.caller(account="lin")
    lin.log_in()
    for entity, name in (("customer", "Night Market"), ("contact", "Mei")):
        assert [one["name"] for one in lin.get(f"/v1/records/{entity}").json()["items"]] == [name]


def test_the_package_holds_no_sources_and_needs_no_other(installed: Path) -> None:
    package = installed / "node_modules" / "outrider-client"
    files = [path.relative_to(package) for path in package.rglob("*") if path.is_file()]
    assert {path.suffixes[-1] for path in files} == {".js", ".ts", ".json", ".md"}
    assert all(path.name.endswith(".d.ts") for path in files if path.suffix == ".ts")
    assert [path.name for path in (installed / "node_modules").iterdir() if not path.name.startswith(".")] == ["outrider-client"]


def test_the_types_of_the_package_say_what_a_record_takes(installed: Path) -> None:
    (installed / "typed.ts").write_text(TYPED, "utf-8")
    options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom,dom.iterable", "--types"]
    tsc = [str(NODE), str(WEB / "node_modules" / ".bin" / "tsc"), *options, "", "typed.ts"]
    told = subprocess.run(tsc, cwd=installed, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


def test_the_guide_names_each_code_beside_its_remedy() -> None:
    rows = table(GUIDE, "## What a problem asks of the app")
    named = {code: codes(remedy)[0] for remedy, _, each in rows for code in codes(each)}
    assert named == {code.word: code.remedy.name for code in CODES.values()}
