/** What the reader does with notices becomes receipts: quiet entries, each an act of its own, sent when there is a network. */

import { command, NotificationState, type Commands } from "../../client/src/index.ts";
import { SHOWN_MS, tell } from "../entering.ts";
import { phone, sync } from "../phone.ts";
import { say as sayOfBoth } from "../texts.ts";
import { close, closing, notices } from "./look.ts";
import { usefulMoment } from "./push.ts";
import { say } from "./texts.ts";

type Receipt = Commands["notification"]["command"];

const LEVELS: Readonly<Record<Receipt, number>> = {
  deliver: NotificationState.delivered,
  see: NotificationState.seen,
  open: NotificationState.opened,
  finish: NotificationState.done,
};
/** A notice is seen when it was on the screen for so long. */
const SEEN_MS = 700;
const MOST_VISIBLE = 0.6;
/** Above and below, the bars of the app lie over the list. */
const BAR_PX = 60;

/** The reader has done with a notice: it goes to the end of the list at once, and is entered when its word is gone, if nobody undid it. */
export function finish(id: string): void {
  const undo = (): void => {
    close(id, false);
    tell({ text: sayOfBoth("undone") });
  };
  close(id, true);
  tell({ text: say("done_told"), undo: { text: sayOfBoth("undo"), act: undo } });
  clearTimeout(timers.get(id)); // of a touch before that was undone
  timers.set(
    id,
    setTimeout(() => settle(id), SHOWN_MS),
  );
}

const timers = new Map<string, ReturnType<typeof setTimeout>>();

function settle(id: string): void {
  if (!closing.has(id)) return;
  give("finish", [id]);
  close(id, false);
}

/** Gives a receipt of each notice that has not come as far yet. */
export function give(receipt: Receipt, ids: readonly string[]): void {
  const further = ids.filter((id) => (notices().get(id)?.entered ?? Infinity) < LEVELS[receipt]);
  if (receipt === "open") usefulMoment();
  if (further.length === 0) return;
  const entered = further.map((id) => phone.enter([command("notification", id, { command: receipt })]));
  void Promise.all(entered).then(() => sync());
}

// what is on the screen

const visible = new Set<Element>();
let timer: ReturnType<typeof setTimeout> | undefined;

const watcher =
  typeof IntersectionObserver === "undefined"
    ? null
    : new IntersectionObserver(
        (changes) => {
          for (const { target, isIntersecting } of changes) {
            if (isIntersecting) visible.add(target);
            else visible.delete(target);
          }
          clearTimeout(timer);
          timer = setTimeout(seen, SEEN_MS);
        },
        { threshold: MOST_VISIBLE, rootMargin: `-${BAR_PX}px 0px` },
      );

function seen(): void {
  if (document.visibilityState !== "visible") return;
  give("see", [...visible].map((row) => (row as HTMLElement).dataset["notice"] ?? "").filter(Boolean));
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") [...closing].forEach(settle); // the window may not come back
  clearTimeout(timer);
  timer = setTimeout(seen, SEEN_MS);
});

/** Watches a row, whose `data-notice` names its notice, until the answer is called. */
export function watch(row: Element): () => void {
  watcher?.observe(row);
  return () => {
    watcher?.unobserve(row);
    visible.delete(row);
  };
}
