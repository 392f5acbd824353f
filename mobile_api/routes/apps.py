"""The two apps in the browser: the rep's at `/app/`, the manager's at `/desk/`. Their files stay in memory, as they were built.

A name with a hash is for ever; any other file is asked for again, and answered by 304 if it is the same. An address without a dot in its
last part is a screen of the app: it gets `index.html`.
"""

import gzip
import re
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from mobile_api.codec import qualities
from mobile_api.openapi import contract
from server.outside import tiles_origin
from server.settings import Settings
from shared_schema.problem import Code, Problem

FOLDER: Final = Path(__file__).parents[1] / "web" / "dist"
INDEX: Final = "index.html"
WORKER: Final = "sw.js"
CODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""Content coding → the ending of its file, the smallest first."""
_MEDIA: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".txt": "text/plain",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_HASHED: Final = re.compile(r"-[0-9a-f]{10}\.\w+$")
_FOREVER: Final = "public, max-age=31536000, immutable"
_FRESH: Final = "no-cache"
_POLICY: Final = "Content-Security-Policy"
_SAFE: Final = {
    _POLICY: "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
UNBUILT: Final = (
    "the web apps are not built: run make setup, then start the server again. 网页应用尚未构建：请运行 make setup，然后重新启动服务器。"
)


class File(Struct, frozen=True):
    """One built file: its bytes by content coding, plain under the empty name."""

    media: str
    cache: str
    tag: str
    bodies: dict[str, bytes]


def read_files(folder: Path) -> dict[str, File]:
    """The built files of one app by name; none where it is not built."""
    return {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in _MEDIA} if folder.is_dir() else {}


def _read(path: Path) -> File:
    plain = path.read_bytes()
    small = {coding: other.read_bytes() for coding, ending in CODINGS.items() if (other := path.with_name(path.name + ending)).exists()}
    cache = _FOREVER if _HASHED.search(path.name) else _FRESH
    return File(_MEDIA[path.suffix], cache, sha256(plain).hexdigest()[:16], {"": plain, **small})


FILES: Final = {app: read_files(FOLDER / app) for app in ("app", "desk")}


@get("/app", opt=contract(signed=False, media="text/html"))
async def app_index(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> Response[bytes]:
    """The rep's app."""
    return _home(request, "app", settings)


@get("/app/{path:path}", opt=contract(signed=False, media="text/html"))
async def app_file(request: Request[Any, Any, Any], path: FromPath[str], settings: NamedDependency[Settings]) -> Response[bytes]:
    """A file or a screen of the rep's app."""
    return _answer(request, "app", path, settings)


@get("/desk", opt=contract(signed=False, media="text/html"))
async def desk_index(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> Response[bytes]:
    """The manager's desk."""
    return _home(request, "desk", settings)


@get("/desk/{path:path}", opt=contract(signed=False, media="text/html"))
async def desk_file(request: Request[Any, Any, Any], path: FromPath[str], settings: NamedDependency[Settings]) -> Response[bytes]:
    """A file or a screen of the manager's desk."""
    return _answer(request, "desk", path, settings)


def _home(request: Request[Any, Any, Any], app: str, settings: Settings) -> Response[bytes]:
    """The router takes `/app` and `/app/` for one address; a service worker answers only for what is below the slash."""
    path = request.scope["raw_path"].partition(b"?")[0]
    if path.endswith(b"/"):
        return _answer(request, app, INDEX, settings)
    query = request.scope["query_string"].decode("latin-1")
    return Response(
        b"", status_code=307, media_type="text/plain", headers={"Location": f"{app}/{query and '?'}{query}", "Cache-Control": _FRESH}
    )


def _answer(request: Request[Any, Any, Any], app: str, path: str, settings: Settings) -> Response[bytes]:
    """Raises Problem(not_found) for a file that is not there, and where the apps are not built."""
    name, files = path.strip("/"), FILES[app]
    if not files:
        raise Problem(Code.not_found, UNBUILT)
    if name not in files and "." in name.rpartition("/")[2]:
        raise Problem(Code.not_found)
    name = name if name in files else INDEX
    return _told(request, _mapped(name, files[name], settings), settings.map_tiles)


def _mapped(name: str, file: File, settings: Settings) -> File:
    """The page names the operator's map; the worker differs with it, so that a phone which has the app fetches the page anew."""
    if not settings.map_tiles or name not in (INDEX, WORKER):
        return file
    named = f'<meta name="map" content="{escape(settings.map_tiles)}" data-credit="{escape(settings.map_credit)}">'.encode()
    plain = file.bodies[""]
    plain = plain.replace(b"</head>", named + b"</head>") if name == INDEX else plain + b"\n// map " + sha256(named).hexdigest().encode()
    return File(file.media, file.cache, sha256(plain).hexdigest()[:16], {"": plain, "gzip": gzip.compress(plain, mtime=0)})


def _told(request: Request[Any, Any, Any], file: File, map_tiles: str) -> Response[bytes]:
    coding = _coding(request.headers.get("accept-encoding", ""), file)
    tag = f'"{file.tag}{coding and "-"}{coding}"'
    headers = {**_safe(map_tiles), "Cache-Control": file.cache, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, media_type=file.media, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(file.bodies[coding], media_type=file.media, headers=headers)


def _safe(map_tiles: str) -> dict[str, str]:
    """The policy of every answer; pictures come from the operator's map too, if there is one."""
    if not map_tiles:
        return _SAFE
    return {**_SAFE, _POLICY: _SAFE[_POLICY].replace("img-src 'self'", f"img-src 'self' {tiles_origin(map_tiles)}")}


def _coding(accepted: str, file: File) -> str:
    """The smallest form that the client takes; plain if it names none of ours."""
    wanted = qualities(accepted.lower())
    return next((coding for coding in CODINGS if coding in file.bodies and wanted.get(coding, wanted.get("*", 0)) > 0), "")


HANDLERS: Final = (app_index, app_file, desk_index, desk_file)
