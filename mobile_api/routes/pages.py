"""The page at `/`: the day's timeline, one customer's history, the inbox. Files of our own, named one by one; nothing from elsewhere."""

from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.params import FromPath

from mobile_api.openapi import contract
from mobile_api.page_words import WORDS_JS
from shared_schema.problem import Code, Problem

_FOLDER: Final = Path(__file__).parents[1] / "static"
_MEDIA: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_INDEX: Final = "index.html"
_FILES: Final = {file.name: file.read_bytes() for file in sorted(_FOLDER.iterdir()) if file.suffix in _MEDIA}
_FILES["words.js"] = WORDS_JS
_FRESH: Final = {"Cache-Control": "no-cache"}


@get("/", opt=contract(signed=False, media="text/html"))
async def index() -> Response[bytes]:
    """The page."""
    return _file(_INDEX)


@get("/static/{name:str}", opt=contract(signed=False, media="text/plain"))
async def static_file(name: FromPath[str]) -> Response[bytes]:
    """One of the page's files."""
    return _file(name)


def _file(name: str) -> Response[bytes]:
    if name not in _FILES:
        raise Problem(Code.not_found)
    return Response(_FILES[name], media_type=_MEDIA[Path(name).suffix], headers=_FRESH)


HANDLERS: Final = (index, static_file)
