"""What the flows build: another edition of the apps, small pages of the client's parts; with the tools that `make setup` brought."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[2] / "mobile_api" / "web"
NODE: Final = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")
NPM: Final = str(Path(sys.prefix) / "bin" / "npm-cli.js")
BUILD_S: Final = 120


def edition(word: str, out: Path) -> None:
    """Build the apps into `out` as another version of the same sources."""
    _node(str(FOLDER / "build.mjs"), f"--out={out}", f"--edition={word}")


def build(sources: Path, out: Path) -> None:
    """Build the apps into `out` from a changed copy of the sources."""
    _node(str(sources / "build.mjs"), f"--out={out}")


def page(script: Path, out: Path) -> None:
    """Bundle one script and lay a page beside it: what the script exports is `outrider` in that page."""
    esbuild = str(FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild")
    _node(
        esbuild, str(script), "--bundle", "--format=iife", "--global-name=outrider", "--log-level=warning", f"--outfile={out / 'page.js'}"
    )
    (out / "index.html").write_text('<!doctype html><link rel="icon" href="data:,"><script src="page.js"></script>')


def _node(*words: str) -> None:
    done = subprocess.run([NODE, *words], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=BUILD_S)
    assert done.returncode == 0, done.stderr
