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
}


def importing(kind: str) -> Run:
    """A file of one kind, by the admin; what comes of it must not depend on how often it was asked: that is the rows, not the counts."""

    async def run(database: Database, scene: Scene) -> object:
        sheet = files.read(FILES[kind].encode(), REQUEST)
        asked = Asked(scene.claims["admin"], kind, False, scene.now_ms)
        report = await import_file.take(database, asked, sheet, lambda _more, _all: None)
        return report.taken + report.changed + report.same, report.wrong

    return run


OPERATIONS: Final = tuple(Operation(f"import a file of {kind}", importing(kind), same=True) for kind in FILES)
