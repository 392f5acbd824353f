/** What happened, one line each and in words: the feed of the board, and the timeline of a customer. */

import type { JSX } from "preact";
import { localDay, type Event } from "../client/src/index.ts";
import { BY_NUMBER, entityOf } from "../client/src/sync/entity.ts";
import { ago, dateWord, moment } from "../shell/format.ts";
import { speaker, texts } from "../shell/language.ts";
import { Avatar } from "../shell/parts.tsx";
import { one } from "../shell/phone.ts";
import { zone } from "../shell/reclaim.ts";
import { href } from "../shell/router.ts";
import { fieldWord, idWords, kindTitle, personName, recordWords, valueWords } from "../shell/words.ts";

const zh = {
  visit: "拜访",
  contact_log: "联系",
  sample_entry: "样品",
  created: "新建",
  corrected: "更正{kind}",
  withdrawn: "撤回{kind}",
  leaving: "签退",
  new_kind: "新{kind}",
  new_customer: "新客户",
  new_contact: "新联系人",
  new_follow_up: "新跟进",
  new_quote: "新报价",
  new_preference: "新偏好",
  applied: "修改",
  merged: "修改",
  parked: "待决定",
  undone: "撤销",
  deleted: "删除",
  restored: "恢复",
  submit: "提交报价",
  approve: "批准报价",
  reject: "拒绝报价",
  return_quote: "退回报价",
  revise: "修订报价",
  superseded: "报价被取代",
  transferred: "转给",
  collaborator: "协作",
  collaborator_ended: "结束协作",
  released: "放入公海",
  claimed: "领取",
  archived: "归档",
  unarchived: "从归档恢复",
  given_back: "归还",
  reclaimed: "回收",
  claim: "领取",
  release: "放入公海",
  settle: "处理迟到录入",
  imported: "导入",
  locked: "锁定",
  unlocked: "解锁",
  lock_ended: "锁定随转移结束",
  until: "至{day}",
  other: "变更",
  to: "给 {name}",
  system: "系统",
} as const;

const en: Record<keyof typeof zh, string> = {
  visit: "Visit",
  contact_log: "Contact",
  sample_entry: "Samples",
  created: "New",
  corrected: "Corrected: {kind}",
  withdrawn: "Withdrawn: {kind}",
  leaving: "Check-out",
  new_kind: "New: {kind}",
  new_customer: "New customer",
  new_contact: "New contact",
  new_follow_up: "New follow-up",
  new_quote: "New quote",
  new_preference: "New preference",
  applied: "Change",
  merged: "Change",
  parked: "To decide",
  undone: "Taken back",
  deleted: "Deleted",
  restored: "Restored",
  submit: "Quote submitted",
  approve: "Quote approved",
  reject: "Quote refused",
  return_quote: "Quote given back",
  revise: "Quote revised",
  superseded: "Quote superseded",
  transferred: "Transfer",
  collaborator: "Collaboration",
  collaborator_ended: "Collaboration ended",
  released: "Into a pool",
  claimed: "Claimed",
  archived: "Archived",
  unarchived: "Back from the archive",
  given_back: "Given back",
  reclaimed: "Reclaimed",
  claim: "Claimed",
  release: "Into a pool",
  settle: "Late entry settled",
  imported: "Imported",
  locked: "Locked",
  unlocked: "Lock taken off",
  lock_ended: "Lock ended with the move",
  until: "until {day}",
  other: "Change",
  to: "to {name}",
  system: "Outrider",
};

const say = speaker({ zh, en });
const textOf = texts({ zh, en });
const GOOD = new Set(["visit", "contact_log", "approve", "submit", "claimed"]);
const HOT = new Set(["reject", "deleted", "parked"]);

export const whatWord = (what: string): string => textOf(what) ?? say("other");

/** Of a new record its kind, otherwise what was done; also of a kind that is not among the texts above. */
function eventWord({ what, entity, values }: Event): string {
  if (values["leaving"] === true) return say("leaving");
  if (typeof values["amends_id"] === "string")
    return say(values["withdrawn"] === true ? "withdrawn" : "corrected", { kind: kindTitle(entity) });
  if (what !== "created" || !BY_NUMBER.has(entity)) return whatWord(what);
  return textOf(`new_${BY_NUMBER.get(entity)!.name}`) ?? say("new_kind", { kind: kindTitle(entity) });
}

/** The lines of a quote come and go with it: the feed tells of the quote. */
export const worthTelling = ({ entity }: Event): boolean => entity !== entityOf("quote_line").number;

/** What stands in an event, in words; of a move, to whom. */
function eventWords({ entity, values, what, customer_id }: Event): string {
  if (entity === entityOf("standing").number) {
    const owner = typeof values["owner_id"] === "string" ? values["owner_id"] : null;
    return [owner === null ? "" : say("to", { name: personName(owner) }), String(values["reason"] ?? "")].filter(Boolean).join(" · ");
  }
  if (entity === entityOf("customer_lock").number) return lockWords(what, values);
  if (what === "created" && entity === entityOf("customer").number) return customer_id === null ? "" : String(values["city"] ?? "");
  const told = Object.fromEntries(Object.entries(values).filter(([slot]) => !SILENT.has(slot)));
  if (entity === entityOf("visit").number) return [recordWords(entity, told), ...verdictWords(entity, values)].filter(Boolean).join(" · ");
  const words = Object.keys(told).length === 1 ? [single(entity, told)] : [recordWords(entity, told)];
  return words.filter(Boolean).join("");
}

/** Until when and why; of one that was taken off, why. */
function lockWords(what: string, { until_ms, reason }: Event["values"]): string {
  const until = what === "locked" && typeof until_ms === "number" ? say("until", { day: dateWord(localDay(until_ms, zone())) }) : "";
  return [until, String(reason ?? "")].filter(Boolean).join(" · ");
}

const SILENT = new Set([
  "wgs_latitude_e6",
  "wgs_longitude_e6",
  "occurred_ms",
  "decided_ms",
  "submitted_ms",
  "datum",
  "position",
  "leaving",
]);

/** What the server judged, and what is odd about it. */
function verdictWords(entity: number, { verdict, flags, leaving }: Event["values"]): string[] {
  if (leaving === true || typeof verdict !== "number" || verdict === 0) return [];
  return ["verdict", ...(typeof flags === "number" && flags !== 0 ? ["flags"] : [])].map((slot) =>
    valueWords(entity, slot, slot === "flags" ? flags : verdict),
  );
}

function single(entity: number, told: Readonly<Record<string, unknown>>): string {
  const [[slot, value]] = Object.entries(told) as [[string, unknown]];
  return `${fieldWord(entity, slot)}: ${valueWords(entity, slot, value)}`;
}

/** `bare`: the customer is known where this stands. */
export function Happening({ event, bare = false }: { readonly event: Event; readonly bare?: boolean }): JSX.Element {
  const name = event.user_id === null ? say("system") : personName(event.user_id) || say("system");
  const customer = event.customer_id === null ? "" : idWords("customer_id", event.customer_id);
  const tone = GOOD.has(event.what) ? "good" : HOT.has(event.what) ? "hot" : "";
  const words = eventWords(event);
  const known = event.customer_id !== null && one("customer", event.customer_id) !== null;
  return (
    <li class="happening">
      <Avatar name={name} />
      <div class="grow">
        <p>
          <b>{name}</b>
          <time title={moment(event.at_ms)}>{ago(event.at_ms)}</time>
        </p>
        <i class={`chip ${tone}`}>{eventWord(event)}</i>
        {!bare && customer !== "" && (known ? <a href={href(`customers/${event.customer_id!}`)}>{customer}</a> : <span>{customer}</span>)}
        {words !== "" && <small>{words}</small>}
      </div>
    </li>
  );
}
