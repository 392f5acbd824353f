"""The wheel carries the built web apps and nothing that builds them: who installs it needs no Node."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from mobile_api.routes.apps import FILES

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
WEB = "mobile_api/web/"


def copied(folder: Path) -> Path:
    """The sources of the package that serves the apps, with a module of npm's beside them."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    package = folder / "mobile_api"
    shutil.copytree(ROOT / WEB, package / "web", ignore=shutil.ignore_patterns("node_modules"))
    (package / "__init__.py").touch()
    module = folder / WEB / "node_modules/esbuild"
    module.mkdir(parents=True)
    (module / "install.js").write_text("0;\n", "utf-8")
    return folder


def web_files(folder: Path) -> set[str]:
    """What a wheel built in `folder` holds below the web folder."""
    command = [sys.executable, "-W", "ignore", "-c", BUILD, str(folder)]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    names = zipfile.ZipFile(folder / built.stdout.splitlines()[-1]).namelist()
    return {name.removeprefix(WEB) for name in names if name.startswith(WEB)}


def missing(found: set[str]) -> set[str]:
    """What the apps need and the wheel lacks: each file that is served here, in each form, and the page and worker in any case."""
    needed = {f"dist/{app}/{name}" for app in ("app", "desk") for name in ("index.html", "sw.js")}
    needed |= {f"dist/{app}/{name}" for app, files in FILES.items() for name in files}
    texts = {name for name in needed if not name.endswith(".png")}
    return (needed | {name + ending for name in texts for ending in (".br", ".gz")}) - found


def test_the_wheel_holds_the_built_apps_and_a_wheel_without_them_is_noticed(tmp_path: Path) -> None:
    found = web_files(copied(tmp_path))
    assert not missing(found)
    assert {name.partition("/")[0] for name in found} == {"dist"}, "only what is built is in the wheel"
    assert "dist/app/index.html" in missing(found - {name for name in found if name.startswith("dist/")})
