/** Deciding about a card, and taking a decision back: by the queue while it was never sent, by the server's history after that. */

import { newest, undoOf, type InboxItem } from "../../client/src/index.ts";
import { enter, tell } from "../entering.ts";
import { phone, sync } from "../phone.ts";
import { told, type Told } from "../problems.ts";
import { authorOf, customerOfCard, stillHere } from "./look.ts";
import { say, type CardText } from "./texts.ts";

export type Way = "use_mine" | "keep_theirs" | "dismiss" | "send_to_manager";

const WORDS: Readonly<Record<Way, CardText>> = { use_mine: "used", keep_theirs: "kept", dismiss: "put_away", send_to_manager: "sent_up" };

/** Null when the decision is safe on this phone, else the reason. `item` may hold values that the person has edited. */
export async function decide(item: InboxItem, way: Way): Promise<Told | null> {
  try {
    if (way === "use_mine") await phone.useMine(item);
    else await phone.decide(item, way);
  } catch (error) {
    return told(error);
  }
  const undo = stillHere(item) ? { undo: { text: say("undo"), act: () => void takeBackHere(item) } } : {};
  const author = way === "use_mine" ? authorOf(item) : null;
  const word = way === "keep_theirs" && item.code !== "conflict" ? "left" : WORDS[way];
  tell({ text: author === null ? say(word) : say("used_author", { name: author }), ...undo });
  void sync();
  return null;
}

/** Takes the decision out of the queue; false when a request may have carried it by now. */
export async function takeBackHere(item: InboxItem): Promise<boolean> {
  const gone = stillHere(item) ? await phone.takeBack(newest(phone.shelf, phone.session.sentN())[0]?.n) : [];
  tell({ text: say(gone.length > 0 ? "undone" : "sent_already") });
  return gone.length > 0;
}

/** Undoes "use mine": asks the server for the changes it made, and takes all of them back as one act. Needs the network. */
export async function undoMine(item: InboxItem): Promise<Told | null> {
  const customer = customerOfCard(item);
  try {
    const events = customer === null ? [] : await phone.undoable(customer);
    const made = events.filter((event) =>
      item.members.some(
        (one) =>
          one.entity === event.entity && one.id === event.id && (one.group === "" || one.group === event.group || event.group === ""),
      ),
    );
    const edits = made.filter(({ at_ms }) => at_ms >= item.created_ms).flatMap((event) => undoOf(event) ?? []);
    if (edits.length === 0) return { happened: say("no_undo"), means: say("no_undo_means"), next: say("no_undo_next") };
    return await enter(edits, { text: say("undone") });
  } catch (error) {
    return told(error);
  }
}
