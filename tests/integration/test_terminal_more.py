"""The terminal's tags, corrections and samples: entered offline, shown at once, and after the sync as the server says."""

import pytest

from mobile_api.phone.phone import Phone, UnreachableError
from shared_schema.places import Provider
from shared_schema.records.activity import Visit
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


def test_a_check_in_is_foretold_and_a_check_out_ends_it(lin: Terminal) -> None:
    """D-212, D-213: by the server's rule, also without a network; the check-out is no correction of words."""
    lin.type("offline")
    foretold = "The server will probably find: probable (counts within"
    assert foretold in lin.type("visit", "Harbour", "--at", "31.2305,121.4738", "--note", "Shelf is full")
    told = lin.type("leave", "Harbour", "--at", "31.2306,121.4738")
    assert "The check-out is on this phone" in told
    lin.type("online")
    lin.type("sync")
    shown = lin.type("show", "Harbour")
    assert "14 m from the customer, probable, left within two minutes, stayed 0 min, left 11 m from the check-in: Shelf is full" in shown
    assert "corrected" not in shown
    lin.language = "zh_CN.UTF-8"
    assert "停留不到两分钟" in lin.type("show", "Harbour")
    lin.type("visit", "Harbour", "--at", "31.2305,121.4738")
    phone = Phone(lin.file)
    newest = max(phone.views(Visit), key=lambda one: one.device_ms)
    phone.close()
    assert newest.provider is Provider.manual
    if newest.boot:  # a machine that names its starts
        assert None not in (newest.uptime_ms, newest.heard_ms, newest.heard_uptime_ms)


def test_a_check_out_wants_a_visit(lin: Terminal) -> None:
    assert "No visit to" in lin.fail("leave", "Harbour")


def test_samples_are_counted_and_what_waits_stands_beside(lin: Terminal) -> None:
    """D-604."""
    lin.type("sample", "Harbour", "P-1", "5")
    lin.type("sync")
    lin.type("sample", "Harbour", "P-1", "-2")
    assert "Green Tea 250: 5 pieces -2 (not sent yet)" in lin.type("show", "Harbour")
    lin.type("sync")
    assert "Green Tea 250: 3 pieces" in lin.type("show", "Harbour")


def test_a_contact_is_entered_and_changed_with_a_birthday(lin: Terminal) -> None:
    """D-118: a date that is none is refused in words and not entered; a lunar one reads in the reader's language."""
    lin.type("new-contact", "Harbour", "Ms Wu", "--title", "buyer", "--phone", "139", "--birthday", "1985-03-12")
    assert "Ms Wu buyer 139 birthday 1985-03-12" in lin.type("show", "Harbour")
    for wrong in ("02-30", "lunar 01-31", "soon"):
        assert f"“{wrong}” is no birthday" in lin.fail("new-contact", "Harbour", "Mr Li", "--birthday", wrong)
        assert f"“{wrong}” is no birthday" in lin.fail("edit-contact", "Harbour", "wu", "--set", f"birthday={wrong}")
    assert "name, title, phone, email, note, birthday" in lin.fail("edit-contact", "Harbour", "wu", "--set", "age=40")
    assert "Nothing here fits" in lin.fail("edit-contact", "Harbour", " ", "--set", "note=x")
    lin.type("edit-contact", "Harbour", "wu", "--set", "birthday=lunar leap 06-01", "--set", "note=likes tea")
    assert "birthday lunar leap 06-01" in lin.type("show", "Harbour")
    lin.language = "zh_CN.UTF-8"
    assert "生日 农历闰月 06-01" in lin.type("show", "Harbour")
    lin.type("edit-contact", "Harbour", "wu", "--set", "birthday=农历 08-15")
    assert "生日 农历 08-15" in lin.type("show", "Harbour")
    assert "不是生日" in lin.fail("edit-contact", "Harbour", "wu", "--set", "birthday=农历 08-31")
    lin.type("sync")
    assert "生日: 农历 08-15 → 农历闰月 06-01" in lin.type("undo", "Harbour")
    lin.language = "en_US.UTF-8"
    lin.type("edit-contact", "Harbour", "wu", "--set", "birthday=")
    assert "birthday" not in lin.type("show", "Harbour")


def test_more_time_is_asked_for_and_listed(lin: Terminal) -> None:
    """D-161: without a network too; a request without a reason is not entered."""
    lin.type("sync")
    assert "Nobody has asked" in lin.type("more-time")
    assert "Say why" in lin.fail("more-time", "Harbour", "--until", "+30")
    lin.type("more-time", "Harbour", "--until", "+30", "--reason", "harvest")
    assert "[asked] (not sent yet) harvest" in lin.type("more-time", "Harbour")
    lin.type("sync")
    assert "[asked] harvest" in lin.type("more-time")
    lin.language = "zh_CN.UTF-8"
    assert "[待审批] harvest" in lin.type("more-time")


NO_HIT = [
    *(("customers", "zzzz"), ("products", "zzzz"), ("show", "zzzz"), ("pool",), ("claim", "zzzz"), ("release", "zzzz", "zzzz")),
    *(("release", "Harbour", "zzzz"), ("late",), ("late", "zzzz"), ("late", "zzzz", "--taken"), ("notes",), ("note", "zzzz", "text")),
    *(
        ("new-contact", "zzzz", "Lin"),
        ("edit-contact", "zzzz", "Lin", "--set", "note=x"),
        ("edit-contact", "Harbour", "zzzz", "--set", "note=x"),
    ),
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
