"""The terminal's tags, corrections and samples: entered offline, shown at once, and after the sync as the server says."""

import pytest

from tests.integration.test_terminal import Terminal, lin, served

__all__ = ["lin", "served"]


def test_tags_are_added_removed_and_shown(lin: Terminal) -> None:
    """P-416."""
    assert lin.type("tag", "Harbour", "--add", "vip", "--add", "gold").splitlines()[-1] == "gold, vip"
    lin.type("sync")
    assert lin.type("tag", "Harbour", "--remove", "gold").splitlines()[-1] == "vip"
    lin.type("sync")
    shown = lin.type("show", "Harbour")
    assert "vip" in shown
    assert "gold" not in shown


def test_a_contact_is_corrected_and_its_first_words_stay(lin: Terminal) -> None:
    """D-210."""
    lin.type("log", "Harbour", "--channel", "phone", "--note", "said no")
    lin.type("sync")
    lin.type("correct", "Harbour", "--note", "said yes")
    lin.type("sync")
    shown = lin.type("show", "Harbour")
    assert "said yes (corrected; before: said no)" in shown
    lin.type("correct", "Harbour", "--withdraw")
    assert "(withdrawn; before: said no)" in lin.type("show", "Harbour")


def test_samples_are_counted_and_what_waits_stands_beside(lin: Terminal) -> None:
    """D-604."""
    lin.type("sample", "Harbour", "P-1", "5")
    lin.type("sync")
    lin.type("sample", "Harbour", "P-1", "-2")
    assert "Green Tea 250: 5 pieces -2 (not sent yet)" in lin.type("show", "Harbour")
    lin.type("sync")
    assert "Green Tea 250: 3 pieces" in lin.type("show", "Harbour")


NO_HIT = [
    *(("customers", "zzzz"), ("products", "zzzz"), ("show", "zzzz"), ("pool",), ("claim", "zzzz"), ("release", "zzzz", "zzzz")),
    *(("release", "Harbour", "zzzz"), ("late",), ("late", "zzzz"), ("late", "zzzz", "--taken"), ("notes",), ("note", "zzzz", "text")),
    *(("receipt", "zzzz", "read"), ("undo", "zzzz"), ("inbox",), ("inbox", "send", "all"), ("use-mine", "9"), ("submit", "zzzz")),
    *(("revise", "zzzz"), ("tag", "zzzz"), ("correct", "zzzz"), ("sample", "Harbour", "zzzz", "1"), ("done", "Harbour"), ("visit", "zzzz")),
]


@pytest.mark.parametrize("language", ["en_US.UTF-8", "zh_CN.UTF-8"])
def test_every_verb_without_a_hit_answers_in_words(lin: Terminal, language: str) -> None:
    lin.language = language
    for words in NO_HIT:
        done = lin.run(*words)
        assert done.exit_code in (0, 1), (words, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
        assert done.output.strip(), words
    assert f"{lin.command} customers" in lin.fail("customers", "zzzz")
