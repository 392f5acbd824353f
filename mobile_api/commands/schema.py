"""`outrider schema`: the record schema as TypeScript, for the client and for the developer of another app."""

from pathlib import Path

import click

from mobile_api import labels, matrix_lines, notice_lines
from shared_schema.typescript import modules


@click.command("schema")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a file is missing or stale.")
def command(folder: Path, check: bool) -> None:
    """Write the record schema and the words for its names and problems as TypeScript into FOLDER; current files stay untouched."""
    wanted = {**modules(), "labels.ts": labels.module(), "notices.ts": notice_lines.module(), "matrix.ts": matrix_lines.module()}
    stale = {name: text for name, text in wanted.items() if _written(folder / name) != text}
    if check and stale:
        raise SystemExit(f"{', '.join(sorted(stale))} in {folder} is not what shared_schema says now: run `outrider schema {folder}`")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in stale.items():
        (folder / name).write_text(text, encoding="utf-8")


def _written(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
