"""The server goes back to its backup, and whoever comes first finds what the others have not sent again yet."""

from shared_schema.records.customer import Collaborate
from tests.prove import desk
from tests.prove.branching import branch
from tests.prove.entries import create_customer, tell_about
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk


def restore_server(history: History, phone: Handset) -> bool:
    """The copy comes back under a new epoch, with a floor above every rev that was given out; an answer of before may come after."""
    if history.server_copy is None or history.dice.random() < 0.5:
        return False
    near = _work_on_what_is_new(history, phone) if history.dice.random() < 0.5 else []
    letter = history.send(phone)
    reply = history.serve(letter)
    history.store, history.line_no = branch(history.server_copy, history.store, history.line_no, history.now_ms)
    desk.forget(history.store, desk.Forget(), history.now_ms)
    history.side.restored(history.now_ms)
    history.confirmed = {line_no: line.acked_n for line_no, line in history.store.lines.items()}
    if history.dice.random() < 0.5:
        history.serve(letter)
        history.arrive(reply)
    for one in history.dice.sample(near, len(near)):  # whoever comes first to the server that forgot
        history.sync(one)
    return True


def _work_on_what_is_new(history: History, phone: Handset) -> list[Handset]:
    """Since the backup one phone makes a customer, and somebody follows it up too; all who hold it enter something. Who they are."""
    create_customer(history, phone)
    customer_id = history.ledger.entries[-1].id
    history.sync(phone)
    rep_id = history.dice.choice(history.handsets[:3]).user.id
    at_desk(history, desk.ask, Collaborate(customer_id, rep_id))  # until the desk does it again he is a stranger
    others = [one for one in history.handsets if one is not phone]
    for one in others:
        history.sync(one)
    near = [one for one in others if customer_id in {each.id for each in one.shown("customer")}]
    for one in (phone, *near):
        tell_about(history, one, customer_id)
        history.sync(one)
    return [phone, *near]
