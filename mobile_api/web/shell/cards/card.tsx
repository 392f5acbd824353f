/** One card: only what differs, whose it is, and the ways that are left; for its author, and for the manager to whom it was sent up. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ItemState, type InboxItem, type Member } from "../../client/src/index.ts";
import { claimOn } from "../claimed.ts";
import { ago, moment } from "../format.ts";
import { Icon } from "../icons.tsx";
import { customerName } from "../names.ts";
import { Avatar, Trouble } from "../parts.tsx";
import { all, one } from "../phone.ts";
import { title, type Told } from "../problems.ts";
import { features } from "../registry.ts";
import { href } from "../router.ts";
import { hasManagerAbove } from "../team.ts";
import { commandWord, fieldWord, kindWord, personName, type Anything } from "../words.ts";
import { decide, takeBackHere, undoMine, type Way } from "./decide.ts";
import { editable, EditMine } from "./edit.tsx";
import * as look from "./look.ts";
import { say, type CardText } from "./texts.ts";

const MEMBERS_MAX = 4;
const NEXT: ReadonlySet<string> = new Set([
  ...["moved", "erased", "gone", "record_waits", "state_wrong", "content_changed", "rule_broken", "server_error", "out_of_scope"],
  ...["claimed_by_other", "not_in_pool", "stale_epoch", "not_member", "held", "cool_off", "newcomer_hold", "do_not_disturb"],
  ...["position_missing", "too_far", "capacity_full", "quota_exhausted"],
]);
const STATES: Readonly<Record<number, CardText>> = {
  [ItemState.used_mine]: "state_used_mine",
  [ItemState.kept_theirs]: "state_kept_theirs",
  [ItemState.met]: "state_met",
  [ItemState.dismissed]: "state_dismissed",
  [ItemState.sent]: "state_sent",
  [ItemState.judged_anew]: "state_judged_anew",
};

interface OfCard {
  readonly item: InboxItem;
}

/** The word for the reader's own entry, or the one that names its author. */
function byAuthor(item: InboxItem, own: CardText, authors: CardText, facts: Readonly<Record<string, string>> = {}): string {
  const name = look.authorOf(item);
  return name === null ? say(own, facts) : say(authors, { ...facts, name });
}

function Values({ item, member }: OfCard & { readonly member: Member }): JSX.Element {
  const who = look.ownElsewhere(item, member) ? say("you_elsewhere") : personName(member.their_user_id) || say("theirs");
  return (
    <>
      {look.differences(member).map(({ slot, label, mine, theirs, before }) => (
        <div class="versus" key={slot}>
          <h3>{label}</h3>
          {mine !== null && (
            <p class="mine">
              <small>{byAuthor(item, "you", "of_author")}</small>
              <b>{mine === "–" ? say("nothing") : mine}</b>
            </p>
          )}
          {theirs !== null && (
            <p>
              <small>{who}</small>
              <b>{theirs === "–" ? say("nothing") : theirs}</b>
            </p>
          )}
          {before !== null && (
            <p class="saw">
              <Icon name="clock" />
              {byAuthor(item, "before", "author_saw")}
              <s>{before === "–" ? say("nothing") : before}</s>
            </p>
          )}
        </div>
      ))}
    </>
  );
}

/** Which record it is, where a card speaks of several or of something beside the customer. */
function Part({ item, member }: OfCard & { readonly member: Member }): JSX.Element {
  const name = look.kindName(member.entity);
  const kind = name === undefined ? say("unknown_kind") : kindWord(member.entity);
  const command = look.commandOf(member);
  const record = name === undefined ? null : (one(name, member.id) as Anything | null);
  const line =
    name === undefined || record === null ? "" : (features().kinds[name]?.line as ((of: Anything) => string) | undefined)?.(record);
  const act = member.kind === 1 ? say("new_record", { kind }) : say("changed", { kind });
  const deletes = member.kind === 3;
  const shown = look.differences(member).length > 0;
  return (
    <div class="part">
      {command !== null && <p class="told">{byAuthor(item, "wanted", "author_wanted", { what: commandWord(member.mine) })}</p>}
      {item.code === "claimed_by_other" && member.their_user_id !== null && (
        <p class="told">
          {look.ownElsewhere(item, member) ? say("claimed_by_you") : say("claimed_by", { who: personName(member.their_user_id) })}
        </p>
      )}
      {deletes && (
        <p class="told">
          {kind}:{" "}
          {shown
            ? byAuthor(item, "wanted_delete", "author_wanted_delete")
            : byAuthor(item, "wanted_delete_only", "author_wanted_delete_only")}
        </p>
      )}
      {command === null && !deletes && (name !== "customer" || item.members.length > 1) && (
        <p class="told">{[act, line].filter(Boolean).join(" · ")}</p>
      )}
      {command === null && look.isBeneath(item) && (
        <p class="became">{look.isOfferedBeneath(item, member) ? say("offered") : say("kept_beneath")}</p>
      )}
      <Values item={item} member={member} />
    </div>
  );
}

/** Of an open card, the name leads to the customer; a decided one is opened by its head, and the link stands in its body. */
function Head({ item, chip = null }: OfCard & { readonly chip?: JSX.Element | null }): JSX.Element {
  const id = look.customerOfCard(item);
  const customer = id === null ? null : one("customer", id);
  const card = customer === null ? (pooledName(item) ?? (id === null ? null : customerName(id))) : null;
  const to = customer?.id ?? (item.origin_id === null && features().screens.has("pool") ? claimOn(item) : null);
  const name = customer?.name ?? card ?? (id === null ? kindWord(item.members[0]?.entity ?? 0) : say("elsewhere"));
  const own = item.code === "conflict" && item.members.every((member) => look.ownElsewhere(item, member));
  const why = own ? say("own_change") : (title(item.code) ?? title("rule_broken")!);
  const origin = item.origin_id === null ? undefined : all("inbox_item").find((other) => other.id === item.origin_id);
  return (
    <header>
      {customer === null && card === null ? (
        <span class="avatar nobody" aria-hidden="true">
          <Icon name="customers" />
        </span>
      ) : (
        <Avatar name={name} city={customer?.city ?? ""} />
      )}
      <span class="grow">
        <b>{to === null || chip !== null ? name : <a href={href(`customers/${to}`)}>{name}</a>}</b>
        <small>{why}</small>
        <small title={moment(item.created_ms)}>
          {[ago(item.created_ms), origin === undefined ? "" : say("came_from", { who: personName(origin.holder_id) })]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </span>
      {chip}
    </header>
  );
}

/** A card about a pooled customer shows the name of its pool card, where this phone still has one. */
function pooledName(item: InboxItem): string | null {
  const member = item.members.find(({ entity }) => look.kindName(entity) === "pool_card");
  if (member === undefined) return null;
  return customerName(member.id) ?? say("pooled");
}

function Body({ item }: OfCard): JSX.Element {
  const [whole, setWhole] = useState(false);
  const shown = whole ? item.members : item.members.slice(0, MEMBERS_MAX);
  const hidden = item.members.length - shown.length;
  const field = item.field === null ? null : fieldWord(item.members[0]?.entity ?? 0, item.field);
  return (
    <>
      {shown.map((member, at) => (
        <Part key={at} item={item} member={member} />
      ))}
      {hidden > 0 && (
        <button class="bare" onClick={() => setWhole(true)}>
          {say("members_more", { n: hidden })}
        </button>
      )}
      {field !== null && <p class="lead">{say("field", { field })}</p>}
      {item.earlier.length > 0 && <p class="lead">{say("earlier", { n: item.earlier.length })}</p>}
    </>
  );
}

function next(item: InboxItem): string {
  if (item.code === "conflict") return item.origin_id === null && item.members.every(({ group }) => group !== "") ? say("rest_taken") : "";
  if (item.code === "claimed_by_other" && item.members.length > 1) return say("next_claimed_beneath");
  const when = item.retry_at_ms === null ? "" : moment(item.retry_at_ms);
  if (item.code === "capacity_full" && item.field === "department_capacity") return say("next_department_full");
  return say(NEXT.has(item.code) ? (`next_${item.code}` as CardText) : "next_refused", { when, ...look.howFar(item) });
}

/** A card that waits. */
export function OpenCard({ item }: OfCard): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [editing, setEditing] = useState(false);
  const go = (way: Way): void => void decide(item, way).then(setWrong);
  const [conflict, again, mine] = [item.code === "conflict", look.decidable(item), look.mineFits(item)];
  return (
    <article class="card decision" data-code={item.code}>
      <Head item={item} />
      <Body item={item} />
      {next(item) !== "" && <p class="lead">{next(item)}</p>}
      {again && item.members.some((one) => look.commandOf(one) !== null) && mine && <p class="lead">{say("commands_not")}</p>}
      {wrong !== null && <Trouble told={wrong} />}
      <div class="buttons">
        {mine && (
          <button class="primary" onClick={() => go("use_mine")}>
            {conflict ? byAuthor(item, "use_mine", "use_author") : say("enter_again")}
          </button>
        )}
        <button class={mine ? "" : "primary"} onClick={() => go(again ? "keep_theirs" : "dismiss")}>
          {conflict ? byAuthor(item, "keep_theirs", "keep_standing") : say(again ? "leave" : "dismiss")}
        </button>
      </div>
      <div class="buttons less">
        {mine && editable(item).length > 0 && (
          <button aria-haspopup="dialog" class="bare" onClick={() => setEditing(true)}>
            {say("edit")}
          </button>
        )}
        {again && hasManagerAbove() && (
          <button class="bare" onClick={() => go("send_to_manager")}>
            {say("send_up")}
          </button>
        )}
      </div>
      {editing && <EditMine item={item} onClose={() => setEditing(false)} />}
    </article>
  );
}

/** A card that is closed, or whose decision waits to be sent; its content stays readable. */
export function DecidedCard({ item }: OfCard): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const waits = look.isOpen(item) || look.deciding(item).length > 0;
  const state = look.isLeft(item) ? "state_left" : (STATES[item.state] ?? "state_unknown");
  const word = waits ? say("on_its_way") : state === "state_used_mine" ? byAuthor(item, state, "state_used_author") : say(state);
  const chip = <span class={waits ? "chip wait" : "chip"}>{word}</span>;
  const used = item.state === ItemState.used_mine;
  const id = look.customerOfCard(item);
  const closed = item.state === ItemState.kept_theirs || item.state === ItemState.dismissed;
  return (
    <details class="card decision decided">
      <summary>
        <Head item={item} chip={chip} />
      </summary>
      <Body item={item} />
      {id !== null && one("customer", id) !== null && (
        <a class="button bare" href={href(`customers/${id}`)}>
          {say("open_customer")}
        </a>
      )}
      {wrong !== null && <Trouble told={wrong} />}
      <div class="buttons less">
        {look.stillHere(item) && (
          <button class="bare" onClick={() => void takeBackHere(item)}>
            {say("undo_mine")}
          </button>
        )}
        {!waits && used && (
          <button class="bare" onClick={() => void undoMine(item).then(setWrong)}>
            {say("undo_mine")}
          </button>
        )}
        {!waits && closed && look.mineFits(item) && (
          <button class="bare" onClick={() => void decide(item, "use_mine").then(setWrong)}>
            {byAuthor(item, "still_mine", "use_author")}
          </button>
        )}
      </div>
    </details>
  );
}
