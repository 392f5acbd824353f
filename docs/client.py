"""A client written from protocol.md alone: it logs in, pulls, works offline, pushes, decides a conflict, refreshes, logs out.

In brackets stands the rule that a line keeps. All it knows is `state`, one file. An app has a database and a screen, and adds what is
left out: other records and fields, sets (P-412), entries of several mutations (P-321), new lines (P-312), filling a scope aside (P-608).
"""

import base64
import hashlib
import json
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.request import HTTPError, Request, urlopen

Json = dict[str, Any]
CUSTOMER, INBOX_ITEM, OPEN, CREATE, PATCH, FORKED = 1, 11, 1, 1, 2, 6
GROUP_OF = {"name": "name", "address": "address", "city": "address", "industry": "industry", "phone": "phone", "note": "note"}


class Refused(Exception):  # noqa: N818
    """Nothing of the request was taken. Its argument is the problem, whose `remedy` says what the app does now (P-705)."""


class Client:
    """One user on one device. OSError, HTTPException, ValueError: no whole answer came; call again, nothing happens twice (P-311)."""

    def __init__(self, url: str, file: Path) -> None:
        self.url, self.file = url, file
        new = {"installation_id": str(uuid.uuid4()), "session": {}, "cursor": "", "acked_n": 0, "next_n": 1, "queue": [], "scopes": {}}
        self.state: Json = json.loads(file.read_text()) if file.exists() else new
        self._save()

    def log_in(self, organisation: str, account: str, password: str) -> None:
        asked = {"organisation": organisation, "account": account, "password": password}
        session = self._post("/v1/login", {**asked, "installation_id": self.state["installation_id"]})
        if self.state["session"].get("line_no", session["line_no"]) != session["line_no"]:
            raise NotImplementedError("this is another line: of another user (P-009), or a new one (P-312)")
        self._save(session=session)

    def log_out(self) -> None:
        self._post("/v1/logout", {"refresh_token": self.state["session"]["refresh_token"]})

    def rows(self, entity: int) -> dict[str, Json]:
        """The server's records by id. One that stands in several scopes shows its newest rev (P-605, P-607)."""
        rows = [row for scope in self.state["scopes"].values() for row in scope["rows"].values() if not row["reason"]]
        held = [row["body"] for row in rows if row["entity"] == entity]
        return {body["id"]: body for body in sorted(held, key=lambda body: int(body["rev"]))}

    def screen(self, customer_id: str) -> Json:
        """The server's row, with own entries drawn over it until they arrive by pull (P-606)."""
        shown = dict(self.rows(CUSTOMER).get(customer_id, {"rev": 0, **dict.fromkeys(GROUP_OF, "")}))
        for mutation in self._drawn(customer_id):
            shown |= mutation["body"]
        return shown

    def cards(self) -> list[Json]:  # what was parked or refused and waits for a decision (P-501)
        return [item for item in self.rows(INBOX_ITEM).values() if item["state"] == OPEN]

    def create(self, **fields: str) -> str:
        return self._enter(CREATE, str(uuid.uuid4()), {}, fields)

    def change(self, customer_id: str, **fields: str) -> None:
        """A patch carries each group whole, as on screen (P-331), and the rev on which it is based (P-335)."""
        shown, groups, bases = self.screen(customer_id), {GROUP_OF[field] for field in fields}, {}
        for group in groups:
            own = [one["bases"].get(group, 0) for one in self._drawn(customer_id) if one["kind"] == CREATE or group in one["bases"]]
            bases[group] = min(own, default=shown["rev"])
        body = {field: shown[field] for field, group in GROUP_OF.items() if group in groups}
        self._enter(PATCH, customer_id, bases, body | fields)

    def use_mine(self, card: Json) -> None:
        """The same values again, by somebody who has seen what stands: based on the rev that the card shows (P-503)."""
        for member in card["members"]:
            bases = {GROUP_OF[field]: member["their_rev"] for field in member["mine"]}
            self._enter(PATCH, member["id"], bases, member["mine"])

    def sync(self) -> None:
        """Push and pull until nothing waits here and nothing is left there."""
        more = True
        while more:
            waiting = [one["mutation"] for one in self.state["queue"] if not one["outcome"]][:100]
            asked = {"protocol": 1, "schema": 1, "app": "client.py", "device_ms": round(time.time() * 1000), "mutations": waiting}
            more = self._take(self._signed("/v1/sync", asked | {name: self.state[name] for name in ("cursor", "acked_n")}))

    def _enter(self, kind: int, customer_id: str, bases: Json, body: Json) -> str:
        """On the disk before the screen says "saved"; from then on it never changes (P-601)."""
        n, now_ms = self.state["next_n"], round(time.time() * 1000)
        mutation = {"n": n, "group": {"first_n": n, "index": 0, "count": 1}, "kind": kind, "entity": CUSTOMER, "id": customer_id}
        entry = {"mutation": mutation | {"bases": bases, "body": body, "device_ms": now_ms}, "outcome": None, "drawn": True}
        self._save(next_n=n + 1, queue=[*self.state["queue"], entry])
        return customer_id

    def _drawn(self, customer_id: str) -> list[Json]:
        return [one["mutation"] for one in self.state["queue"] if one["drawn"] and one["mutation"]["id"] == customer_id]

    def _take(self, answer: Json) -> bool:
        """Take an answer in, in one local transaction (P-604). True: there is more to do."""
        scopes, queue, next_n = self.state["scopes"], self.state["queue"], self.state["next_n"]
        digest = hashlib.sha256(base64.urlsafe_b64decode(self.state["cursor"] + "===")).digest()[:8]
        if answer["answers"] != base64.urlsafe_b64encode(digest).decode().rstrip("="):
            return True  # it answers an earlier request
        outcomes, resend_from = {one["n"]: one for one in answer["outcomes"]}, answer["resend_from"] or next_n
        kept_n, last_n = min([one["mutation"]["n"] for one in queue] or [next_n]), answer["last_n"]
        if FORKED in [one["result"] for one in outcomes.values()] or last_n >= next_n or kept_n > max(resend_from, last_n + 1):
            raise NotImplementedError("the server knows another history of this line; go on as a new one (P-312, P-318, P-610)")
        for number in list(scopes) if answer["anew"] else map(str, answer["drop"]):
            scopes.pop(number, None)  # a void cursor leaves all in doubt (P-611), but never the queue
        for page in answer["pages"]:
            scope = scopes.setdefault(str(page["scope"]), {"rows": {}})
            scope |= {"position": page["position"], "rows": {} if page["begin"] else scope["rows"]}
            for row in page["rows"]:
                record_id = row["body"] if row["reason"] else row["body"]["id"]
                scope["rows"][f"{row['entity']}/{record_id}"] = row
        for one in queue:
            n = one["mutation"]["n"]
            one["outcome"] = outcomes.get(n, one["outcome"] if n < resend_from else None)
            shows: Json = (not answer["anew"] and (one["outcome"] or {}).get("shows")) or {}
            there = scopes.get(str(shows.get("scope")))
            one["drawn"] = not one["outcome"] or bool(one["drawn"] and there and there["position"] < shows["seq"])
        acked_n = min([one["mutation"]["n"] for one in queue if not one["outcome"]] or [next_n]) - 1
        done_n = min(acked_n, answer["backed_up_n"])  # what no backup holds may be asked for again (P-609)
        queue = [one for one in queue if one["drawn"] or one["mutation"]["n"] > done_n]
        self._save(queue=queue, acked_n=acked_n, cursor=answer["cursor"])
        return bool(answer["more"] or acked_n + 1 < next_n)

    def _signed(self, path: str, body: Json) -> Any:
        """With the access token; one that has expired is refreshed, and the same sent again (P-005)."""
        try:
            return self._post(path, body, self.state["session"]["access_token"])
        except Refused as refused:
            if refused.args[0]["remedy"] != "refresh":
                raise
        self._save(session=self._post("/v1/refresh", {"refresh_token": self.state["session"]["refresh_token"]}))
        return self._post(path, body, self.state["session"]["access_token"])

    def _post(self, path: str, body: Json, token: str = "") -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        try:
            with urlopen(Request(self.url + path, json.dumps(body).encode(), headers), timeout=60) as answer:
                return json.load(answer)
        except HTTPError as problem:
            raise Refused(json.load(problem)) from None

    def _save(self, **changes: Any) -> None:
        """In one step: a client that is killed here finds the old file, or the new one."""
        self.state |= changes
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps(self.state))
        draft.replace(self.file)
