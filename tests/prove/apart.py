"""A look in a process of its own: forked before anything of the program is loaded, with one changed module in the place of the honest one.

This module itself loads nothing of the project's core.
"""

import ast
import importlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from types import CodeType, ModuleType

from tests.prove.sources import file_of

MIGRATIONS = "server.migrations.versions."


class Planter(MetaPathFinder, Loader):
    """Loads one module from its changed source, given as text or tree."""

    def __init__(self, module: str, source: str | ast.Module) -> None:
        self.module, self.source, self.file = module, source, file_of(module)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        spec = spec_from_loader(name, self, is_package=self.file.stem == "__init__")
        if spec is not None and spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(str(self.file.parent))
        return spec

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.file)
        exec(self.code(), module.__dict__)  # noqa: S102 - our own source

    def code(self) -> CodeType:
        """What the changed source is compiled to."""
        return compile(self.source, str(self.file), "exec")


def plant(module: str, source: str | ast.Module) -> None:
    """From now on this process loads the module from this source."""
    planter = Planter(module, source)
    sys.meta_path.insert(0, planter)
    if module.startswith(MIGRATIONS):  # Alembic loads a step by its file and asks no finder for it
        honest = SourceFileLoader.get_code

        def code_of(loader: SourceFileLoader, name: str) -> CodeType | None:
            return planter.code() if loader.path == str(planter.file) else honest(loader, name)

        SourceFileLoader.get_code = code_of  # type: ignore[method-assign,assignment]


def load(modules: Collection[str], unloaded: Collection[str]) -> None:
    """Load what many looks need and none changes. Raises RuntimeError where a package that one may change is loaded already."""
    for name in modules:
        importlib.import_module(name)
    if any(name.partition(".")[0] in unloaded for name in sys.modules):
        raise RuntimeError("the program is loaded already: no bug can be planted in this process")


def heard(look: Callable[[int], None], wall_s: float) -> bytes:
    """What a fork of this process tells while it looks. `look` writes to the file number it is given; it is ended when its time is over."""
    until_s = time.monotonic() + wall_s
    ear, mouth = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ear)
        try:
            look(mouth)
        finally:
            os._exit(0)
    os.close(mouth)
    text = b""
    while (left_s := until_s - time.monotonic()) > 0 and select.select([ear], [], [], left_s)[0]:
        part = os.read(ear, 65_536)
        if not part:
            break
        text += part
    os.close(ear)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return text


def hush() -> None:
    """Let this process say nothing any more, and ask nobody anything."""
    silence = os.open(os.devnull, os.O_RDWR)
    for place in (0, 1, 2):
        os.dup2(silence, place)
