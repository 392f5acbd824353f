"""The log: one stream for loggers and the access log, in order, by one write a line, and no call waits for who reads it."""

import io
import json
import logging
import os
import threading

import pytest

from mobile_api.logs import ACCESS, BACKLOG_BYTES_MAX, Caller, Lines, Served
from tests.logged import logged


def test_a_request_is_one_line_between_those_of_loggers() -> None:
    with logged("info") as reader:
        for number in range(3):
            logging.getLogger("outrider.test").info("before %d", number, extra={"facts": {"名": "茶馆"}})
            ACCESS.tell(Served("POST", "/v1/sync", 200), 0.01234, Caller(7, 3) if number else None)
        lines = [json.loads(reader.readline()) for _ in range(6)]
    assert [line["message"] for line in lines] == ["before 0", "request", "before 1", "request", "before 2", "request"]
    assert lines[0]["名"] == "茶馆"
    wanted = {
        "level": "info",
        "logger": "outrider.access",
        "message": "request",
        "method": "POST",
        "route": "/v1/sync",
        "status": 200,
        "ms": 12.3,
    }
    assert {name: value for name, value in lines[1].items() if name != "time_ms"} == wanted
    assert list(lines[3])[-2:] == ["org", "line"]
    assert abs(lines[3]["time_ms"] - lines[2]["time_ms"]) < 60_000


@pytest.mark.parametrize(("level", "count"), [("debug", 1), ("info", 1), ("warning", 0), ("error", 0)])
def test_the_level_holds_for_requests_too(level: str, count: int) -> None:
    with logged(level) as reader:
        ACCESS.tell(Served("GET", "/health", 200), 0.001, None)
        logging.getLogger("outrider.test").error("the end")
        lines = [json.loads(reader.readline())["message"] for _ in range(count + 1)]
    assert lines == [*["request"] * count, "the end"]


def test_nobody_waits_for_a_reader_who_is_slow() -> None:
    """Far more than a pipe holds, written before anything is read: all of it comes, in order."""
    with logged("info") as reader:
        for number in range(5_000):
            logging.getLogger("outrider.test").info("line", extra={"facts": {"number": number}})
        lines = [json.loads(reader.readline())["number"] for _ in range(5_000)]
    assert lines == list(range(5_000))


def test_what_no_memory_was_left_for_is_counted() -> None:
    count = 3 * BACKLOG_BYTES_MAX // 1_000
    with logged("info") as reader:
        for _ in range(count):
            logging.getLogger("outrider.test").info("x" * 1_000)
        lines = iter(lambda: json.loads(reader.readline()), None)
        said = [next(lines)]
        while "lost" not in said[-1]:
            said.append(next(lines))
    assert said[-1]["message"] == "lines lost"
    assert len(said) - 1 + said[-1]["lost"] == count


def test_a_reader_who_has_gone_ends_nothing() -> None:
    reading, writing = os.pipe()
    lines = Lines(writing)
    os.close(reading)
    for _ in range(3):
        lines.write(b"x\n")
    os.close(writing)


def test_lines_of_many_threads_stay_whole() -> None:
    reading, writing = os.pipe()
    lines = Lines(writing)

    def say(name: bytes) -> None:
        for _ in range(500):
            lines.write(name * 200 + b"\n")

    threads = [threading.Thread(target=say, args=(name,)) for name in (b"a", b"b", b"c")]
    with io.BufferedReader(io.FileIO(reading)) as reader:
        for thread in threads:
            thread.start()
        found = [reader.readline() for _ in range(1_500)]
        for thread in threads:
            thread.join()
        os.close(writing)
    assert sorted(set(found)) == [name * 200 + b"\n" for name in (b"a", b"b", b"c")]
