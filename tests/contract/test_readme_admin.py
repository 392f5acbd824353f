"""README.md: the admin's lines log in and make a pool, as they stand there, by curl and by the same requests without it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from server import chance
from server.domain import passwords
from server.services import organisations
from server.services.organisations import NewOrganisation
from tests.contract.documents import ROOT
from tests.integration.site import Caller, Site, site

PASSWORD: Final = "7f3ac1905be24d6812"
"""As the demo makes them."""
README: Final = (ROOT / "README.md").read_text("utf-8")
(LINES,) = re.findall(r"```sh\n(URL=.*?)```", README, re.DOTALL)
STAND_IN: Final = """#!%s
import sys, urllib.request
address, headers, body, words = "", {}, None, iter(sys.argv[1:])
for word in words:
    if word == "-H":
        name, _, value = next(words).partition(": ")
        headers[name] = value
    elif word == "-d":
        body = next(words).encode()
    elif word != "-sS":
        address = word
with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30) as answer:
    sys.stdout.write(answer.read().decode())
"""
"""What `curl -sS` of these lines does, for machines that have none."""


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    """A server with the demo's organisation and admin."""
    with site(migrated_url) as served:
        asked = NewOrganisation(login="demo", name="Demo", account="admin")
        served.write(organisations.create, asked, passwords.hashed(PASSWORD, chance.secret(16)), chance.now_ms())
        yield served


@pytest.mark.parametrize("without", [False, True], ids=["curl" if shutil.which("curl") else "no-curl-here", "the-same-by-python"])
def test_the_admin_logs_in_and_makes_a_pool(here: Site, tmp_path: Path, without: bool) -> None:
    (tmp_path / ".outrider").mkdir()
    (tmp_path / ".outrider/demo.accounts.json").write_bytes(msgspec.json.encode({"passwords": {"admin": PASSWORD}}))
    if without or not shutil.which("curl"):
        (tmp_path / "curl").write_text(STAND_IN % sys.executable)
        (tmp_path / "curl").chmod(0o700)
    lines = LINES.replace("http://127.0.0.1:8080", str(here.http.base_url).rstrip("/"))
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(["sh", "-euc", lines], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    told = msgspec.json.decode(done.stdout)
    assert (told["name"], told["active"]) == ("Old shops", True)
    boss = Caller(here, "demo", "admin")
    assert boss.log_in(PASSWORD).status_code == 200
    assert boss.get(f"/v1/records/pool/{told['id']}").json()["name"] == "Old shops"
