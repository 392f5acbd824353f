"""The TypeScript phone in a Node process, driven by a line of JSON per question, its SQLite file beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Self

import mobile_api
from tests.integration.site import PASSWORD, Site

WEB: Final = Path(mobile_api.__file__).parent / "web"
NODE: Final = Path(os.environ.get("OUTRIDER_NODE") or Path(sys.prefix) / "bin" / "node")
DRIVER: Final = WEB / "client" / "tests" / "phone_driver.ts"


class RefusedError(Exception):
    """The phone threw. `code` and `remedy` of a Problem; `name` of the error."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(str(told))
        self.name: str = told["name"]
        self.code: str | None = told.get("code")
        self.remedy: str | None = told.get("remedy")


class Client:
    """One TypeScript phone, its file at `path`. Every question waits for its answer; `start` and `end` hold one open."""

    def __init__(self, url: str, path: Path, **more: Any) -> None:
        self._process = subprocess.Popen([str(NODE), str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._asked = 0
        self._early: dict[int, dict[str, Any]] = {}
        self.path = path
        self("open", url=url, file=str(path), **more)

    def __call__(self, op: str, **told: Any) -> Any:
        return self.end(self.start(op, **told))

    def start(self, op: str, **told: Any) -> int:
        """Ask, and do not wait."""
        assert self._process.stdin is not None
        self._asked += 1
        self._process.stdin.write(json.dumps({"op": op, "number": self._asked, **told}) + "\n")
        self._process.stdin.flush()
        return self._asked

    def end(self, number: int) -> Any:
        """The answer to a question. Raises RefusedError."""
        assert self._process.stdout is not None
        while number not in self._early:
            line = self._process.stdout.readline()
            if not line:
                raise EOFError("the phone died")
            told = json.loads(line)
            self._early[told["number"]] = told
        told = self._early.pop(number)
        if "error" in told:
            raise RefusedError(told["error"])
        return told["answer"]

    def died(self) -> int:
        """The exit code of a phone that was killed."""
        return self._process.wait(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self("close")
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.wait(30)

    def sign_in(self, account: str = "lin", password: str = PASSWORD) -> Any:
        return self("signIn", who={"organisation": "alpha", "account": account, "password": password})

    def create(self, name: str = "Harbour Books", entity: str = "customer", **values: Any) -> str:
        """Enter a record; its id."""
        record_id: str = self("newId")
        self("enter", edits=[["create", entity, record_id, {"name": name, **values}]])
        return record_id

    def rename(self, record_id: str, name: str) -> None:
        self("enter", edits=[["patch", "customer", record_id, {"name": name}]])

    def names(self) -> list[str]:
        return sorted(each["name"] for each in self("views", name="customer"))


def client(served: Site, path: Path, account: str = "lin", **more: Any) -> Client:
    """Open the phone at `path`, signed in."""
    opened = Client(str(served.http.base_url), path, **more)
    if not opened("seat")["signedIn"]:
        opened.sign_in(account)
    return opened
