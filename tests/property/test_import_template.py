"""What is written under a template's header arrives as it was written, in each format (D-702, D-708)."""

from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.imports.columns import header_of, offered, understood
from server.domain.imports.kinds import BY_NAME, IMPORTS
from server.domain.imports.sheet import REQUEST
from server.services.import_template import FORMATS, template
from server.sheets import files
from shared_schema.text import plain, typed

FORMAT: Final = st.sampled_from(sorted(files.WRITERS))
LETTERS: Final = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("=+-@'\"，;,"), min_size=1, max_size=30)
CELLS: Final = LETTERS.map(typed).filter(lambda text: bool(text.strip()) and text == text.strip() and "\n" not in text and len(text) <= 30)


@settings(deadline=None)
@given(FORMAT, st.sampled_from(("zh", "en")), st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_what_a_file_made_from_a_template_says_arrives(format_: str, language: str, rows: list[tuple[str, ...]]) -> None:
    kind = BY_NAME["customers"]
    columns = offered(kind, ())
    header = header_of(columns, language)
    names = [one.name for one in columns]
    texts: list[dict[str, str]] = []
    for at, (name, address, city, note) in enumerate(rows):
        texts.append({"external_id": f"C-{at}", "name": name, "owner": "ann", "address": address, "city": city, "note": note})
    written = files.write(format_, header, [[text.get(one, "") for one in names] for text in texts])
    told = understood(kind, columns, files.read(written, REQUEST))
    assert told.faults == ()
    assert [dict(row.values) for row in told.rows] == texts
    assert told.unknown == ()


@settings(deadline=None)
@given(st.sampled_from(IMPORTS), st.sampled_from(sorted(FORMATS)), st.sampled_from(("zh", "en")))
def test_a_template_comes_back_as_one_example_and_its_example_would_fit(kind: Any, format_: str, language: str) -> None:
    columns = offered(kind, ())
    sheet = files.read(template(kind, columns, format_, language), REQUEST)
    told = understood(kind, columns, sheet)
    assert (told.rows, told.faults, told.unknown, told.examples) == ((), (), (), 1)
    filled = [one.example for one in columns]
    bare = files.read(files.write(format_, sheet.header, [filled]), REQUEST)
    again = understood(kind, columns, bare)
    assert (again.faults, len(again.rows)) == ((), 1)
    assert plain(str(again.rows[0].key[0])) == plain(filled[0])
