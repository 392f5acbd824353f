"""`outrider import` as an operator types it (D-703, D-707)."""

from pathlib import Path

import pytest

from server.domain.imports.sheet import COMMAND
from server.sheets import files
from tests.integration.site import Site
from tests.operator import Said, outrider


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "desk"
    made.mkdir()
    return made


def typed(served: Site, folder: Path, *words: str, language: str = "en_GB.UTF-8") -> Said:
    return outrider(folder, served.url, "import", *words, more={"LANG": language, "LC_ALL": language})


def test_a_file_is_taken_and_taken_again(served: Site, folder: Path) -> None:
    """D-703, D-707: counts on the screen, reasons on standard error, rejected rows beside the file; corrected they are taken.

    D-706: of a known customer the owner column counts for nothing, wrong or not."""
    file = folder / "shops.csv"
    file.write_text("External id,Name,Owner account,Colour\nC-1,One,lin,red\nC-2,Two,nobody,\n", "utf-8")
    who = ("customers", str(file), "--organisation", "alpha", "--as", "boss")
    dry = typed(served, folder, *who, "--dry-run")
    assert (dry.returncode, "nothing was written" in dry.stdout) == (1, True)
    done = typed(served, folder, *who)
    assert [line.split() for line in done.stdout.splitlines()[:4]] == [["taken", "1"], ["changed", "0"], ["same", "0"], ["wrong", "1"]]
    assert "columns of which nothing was taken: Colour" in done.stdout
    assert done.stderr.strip() == "line 3, 负责人账号 Owner account: “nobody” is the account of no active rep or manager"
    back = folder / "shops.rejected.csv"
    assert str(back) in done.stdout
    back.write_bytes(back.read_bytes().replace(b"nobody", b"lin"))
    mended = typed(served, folder, "customers", str(back), *who[2:], language="zh_CN.UTF-8")
    assert (mended.returncode, mended.stderr) == (0, "")
    again = typed(served, folder, *who)
    assert [line.split() for line in again.stdout.splitlines()[:4]] == [["taken", "0"], ["changed", "0"], ["same", "2"], ["wrong", "0"]]


def test_a_blank_file_is_made_and_never_written_over(served: Site, folder: Path) -> None:
    """D-702."""
    for name in ("blank.csv", "blank.xlsx"):
        made = typed(served, folder, "contacts", str(folder / name), "--template")
        assert made.returncode == 0, made.stderr
        assert "External id*" in files.read((folder / name).read_bytes(), COMMAND).header
    again = typed(served, folder, "contacts", str(folder / "blank.csv"), "--template")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    assert typed(served, folder, "contacts", str(folder / "blank.pdf"), "--template").returncode == 1


def test_what_cannot_be_ends_in_one_sentence(served: Site, folder: Path) -> None:
    file = folder / "shops.csv"
    file.write_text("Name\nOne\n", "utf-8")
    who = ("customers", str(file), "--organisation", "alpha", "--as")
    refused = {
        "lin": "forbidden: this needs the role manager or assistant or admin",
        "nobody": "not_found: there is no such organisation, or no such active account in it",
        "boss": "nothing was imported: the column “外部编号 / External id” is missing",
    }
    for account, sentence in refused.items():
        said = typed(served, folder, *who, account)
        assert (said.returncode, said.stderr.strip()) == (1, f"Error: {sentence}")
    assert "缺少“外部编号 / External id”列" in typed(served, folder, *who, "boss", language="zh_CN.UTF-8").stderr
    assert "--organisation" in typed(served, folder, "customers", str(file)).stderr
    assert "cannot be read" in typed(served, folder, "customers", str(folder / "none.csv"), *who[2:], "boss").stderr
