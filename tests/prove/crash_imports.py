"""Operations of the crash matrix: files that the desk imports. Asked again after a death, each row is there once."""

from typing import Final

from server.database import Database
from server.domain.imports.sheet import REQUEST
from server.services import import_file
from server.services.import_file import Asked
from server.sheets import files
from tests.prove.crash_listed import Operation, Run
from tests.prove.crash_stage import Scene

FILES: Final = {
    "departments": "external_id,name,parent\nD-2,Team,D-1\nD-1,House,\n",
    "users": "login,name,role,department\nkit,Kit,rep,\nlea,Lea,manager,\n",
    "customers": "external_id,name,owner,tags\nC-1,One,gus,a;b\nC-2,Two,gus,\nC-1,Again,gus,\nC-4,,gus,\n",
    "contacts": "external_id,customer,name,phones\nP-1,C-1,Lin,1380013;1390013\nP-2,C-9,Nobody,\nP-1,C-1,Again,\n",
    "cities": "city,region\n上海,East\n上海市,Again\nChengdu,West\n",
    "products": "code,name,tax\nTEA,Tea,13%\nCUP,Cup,\nTEA,Again,\n",
    "prices": "price_book,product,price,currency\nNew,TEA,49.80,CNY\nNew,CUP,1.234,CNY\n",
}
NEEDS: Final = {"contacts": "customers", "prices": "products"}
"""Kind → the kind whose file is imported first."""


def importing(kind: str) -> Run:
    """A file of one kind, by the admin; what comes of it must not depend on how often it was asked: that is the rows, not the counts."""

    async def run(database: Database, scene: Scene) -> object:
        told = []
        for one in (*([NEEDS[kind]] if kind in NEEDS else []), kind):
            sheet = files.read(FILES[one].encode(), REQUEST)
            report = await import_file.take(
                database, Asked(scene.claims["admin"], one, False, scene.now_ms), sheet, lambda _more, _all: None
            )
            told.append((report.taken + report.changed + report.same, report.wrong))
        return told

    return run


OPERATIONS: Final = tuple(Operation(f"import a file of {kind}", importing(kind), same=True) for kind in FILES)
