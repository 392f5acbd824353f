"""Desk routes for imports: rows or a file of one kind, and the blank file to fill in (admin)."""

import asyncio
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from mobile_api.codec import answer, read
from mobile_api.openapi import contract
from mobile_api.uploads import ImportGate, is_file, refused, sheet_of
from server.chance import now_ms
from server.database import Database
from server.domain.imports.kinds import BY_NAME
from server.domain.imports.sentences import said
from server.domain.imports.sheet import REQUEST, Sheet, SheetError
from server.domain.tokens import Claims
from server.services import import_file, imports
from server.services.import_file import Asked, Report
from server.services.import_template import FORMATS, template
from server.sheets.json_lines import of_objects
from shared_schema.problem import Code, Problem
from shared_schema.rest_imports import FAULTS_MAX, ImportAnswer, ImportFault, ImportKept, ImportLed, ImportRequest

HttpRequest = Request[Any, Any, Any]
LANGUAGES: Final = ("zh", "en")


@post("/v1/desk/imports/{kind:str}", status_code=200, opt=contract(takes=ImportRequest, gives=ImportAnswer, query=("dry_run", "language")))
async def take_import(
    request: HttpRequest,
    kind: FromPath[str],
    database: NamedDependency[Database],
    claims: NamedDependency[Claims],
    import_gate: NamedDependency[ImportGate],
) -> Response[bytes]:
    """Import rows, or a file (CSV, XLSX, JSON lines) of one kind; with ?dry_run=1 only tell what would come of it (D-701, D-703, D-707)."""
    dry_run = _chosen(request, "dry_run", ("0", "1")) == "1"
    language = _chosen(request, "language", LANGUAGES)
    asked = Asked(claims, _known(kind), dry_run, now_ms())
    await database.read(imports.columns, claims, kind, asked.now_ms)  # a user without the right is refused before a file is read
    async with import_gate.turn():
        sheet = await sheet_of(request) if is_file(request) else _sheet(await read(request, ImportRequest))
        try:
            report = await import_file.take(database, asked, sheet, _unheard)
        except SheetError as error:
            raise refused(error) from None
        rejected = await asyncio.to_thread(import_file.rejected, sheet, report, language) if report.wrong and is_file(request) else None
    return answer(request, _told(report, rejected, dry_run=dry_run))


@get(
    "/v1/desk/imports/{kind:str}/template",
    opt=contract(media="text/csv", query=("format", "language")),
)
async def show_template(
    request: HttpRequest, kind: FromPath[str], database: NamedDependency[Database], claims: NamedDependency[Claims]
) -> Response[bytes]:
    """A blank file of one kind to fill in, CSV or XLSX, with the organisation's custom fields (D-702)."""
    format_, language = _chosen(request, "format", tuple(FORMATS)), _chosen(request, "language", LANGUAGES)
    columns = await database.read(imports.columns, claims, _known(kind), now_ms())
    body = await asyncio.to_thread(template, BY_NAME[kind], columns, format_, language)
    headers = {"Content-Disposition": f'attachment; filename="{kind}.{format_}"', "Cache-Control": "no-store"}
    return Response(body, media_type=FORMATS[format_], headers=headers)


def _known(kind: str) -> str:
    if kind not in BY_NAME:
        raise Problem(Code.not_found, f"what is imported is one of {', '.join(BY_NAME)}")
    return kind


def _chosen(request: HttpRequest, name: str, choices: tuple[str, ...]) -> str:
    text = request.query_params.get(name, choices[0])
    if text not in choices:
        raise Problem(Code.parameter_wrong, f"{name} is one of {', '.join(choices)}", field=name)
    return str(text)


def _sheet(asked: ImportRequest) -> Sheet:
    return of_objects(enumerate(asked.rows, 1), REQUEST)


def _unheard(_more: int, _total: int) -> None:
    """Nobody watches a request."""


def _told(report: Report, rejected: bytes | None, *, dry_run: bool) -> ImportAnswer:
    faults = [
        ImportFault(line=one.line, column=one.column, en=said(one.flaw, "en"), zh=said(one.flaw, "zh"))
        for one in report.faults[:FAULTS_MAX]
    ]
    return ImportAnswer(
        dry_run=dry_run,
        taken=report.taken,
        changed=report.changed,
        same=report.same,
        wrong=report.wrong,
        kept=[ImportKept(line=one.line, groups=one.groups) for one in report.kept],
        led=[ImportLed(line=one.line, owner_id=one.goal.user_id, pool_id=one.goal.pool_id, name=one.goal.name) for one in report.led],
        faults=faults,
        unknown=list(report.unknown),
        examples=report.examples,
        sheets_left=report.sheets_left,
        rejected=rejected,
    )


HANDLERS: Final = (take_import, show_template)
