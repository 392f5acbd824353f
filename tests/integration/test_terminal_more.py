"""The terminal's tags, corrections and samples: entered offline, shown at once, and after the sync as the server says."""

import pytest

from mobile_api.phone.phone import Phone, UnreachableError
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


def test_an_entry_that_was_never_sent_is_taken_back_offline(lin: Terminal) -> None:
    """P-614: a quote with its lines at once; what was sent, and perhaps heard by nobody, is not."""
    assert "Nothing waits here that could be taken back" in lin.fail("take-back")
    lin.type("offline")
    lin.type("log", "Harbour", "--channel", "phone", "--note", "said no")
    lin.type("quote", "Harbour", "--line", "P-1 2", "--title", "Spring")
    lin.type("new-customer", "Typing Eror")
    assert "Taken back, it was never sent: customer Typing Eror (3 waiting)." in lin.type("take-back")
    assert "Typing Eror" not in lin.type("customers")
    assert "(1 waiting)" in lin.type("take-back")
    assert "Spring" not in lin.type("show", "Harbour")
    phone = Phone(lin.file)
    phone.offline = False
    phone.session.transport().faults.lose_answer_once = True
    with pytest.raises(UnreachableError):
        phone.sync()
    phone.close()
    assert "was sent already and may have arrived" in lin.fail("take-back")
    lin.type("new-customer", "Second Thought")
    assert "Second Thought" in lin.type("take-back")
    assert "was sent already" in lin.fail("take-back")
    assert "In step with the server" in lin.type("sync")
    assert "said no" in lin.type("show", "Harbour")
