// The day as a page: the inbox to decide, the timeline, one customer's history. Text only ever enters as text.
import * as session from "/static/session.js";
import { words } from "/static/texts.js";
import { ENTITIES, RESULTS, STATES } from "/static/words.js";

const REFRESH_MS = 15000;
const DAY_MS = 24 * 3600 * 1000;
const [NUMBER, DATE] = [2, 4];

let language = (localStorage.getItem("outrider.language") || navigator.language).startsWith("zh") ? "zh" : "en";
let say = words(language);
let people = new Map();
let customers = new Map();
let fields = new Map();
let chosen = null;
const touched = new Set();

const find = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const person = (id) => people.get(id) || say(id ? "somebody" : "server");
const shopName = (id) => customers.get(id) || "…";
const clock = (ms) => new Date(ms).toLocaleTimeString(language === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });

function fieldName(slot) {
  const key = slot.startsWith("extra.") ? slot.slice(6) : null;
  const definition = key && fields.get(key);
  return definition ? (language === "zh" ? definition.label_zh : definition.label_en) : say.named(key || slot);
}

function shown(slot, value, currency) {
  if (value === null || value === undefined || value === "") return say("empty");
  const kind = slot.startsWith("extra.") ? fields.get(slot.slice(6))?.kind : null;
  if (kind === DATE) return new Date(value * DAY_MS).toISOString().slice(0, 10);
  if (kind === NUMBER) return (value / 1000).toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
  if (slot === "command") return say.wanted(value);
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  const told = Number.isInteger(value) ? say.value(slot, value) ?? say.amount(slot, value, currency) : people.get(value);
  return told ?? String(value);
}

function notice(text, good = false) {
  find("notice").textContent = text;
  find("notice").className = good ? "notice good" : "notice";
  find("notice").hidden = !text;
}

async function attempt(work) {
  try {
    return await work();
  } catch (problem) {
    notice(problem.code === "unreachable" ? say("unreachable") : say("failed", { why: problem.message }));
    if (["signed_out", "refresh_reused", "device_revoked", "device_wipe"].includes(problem.code)) await leave();
    return null;
  }
}

// -- what is on the page

function relabel() {
  document.documentElement.lang = language;
  say = words(language);
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  find("language").textContent = language === "zh" ? "English" : "中文";
  find("sign-out").textContent = say("sign_out");
}

function card(item) {
  const mine = item.holder_id === session.current().user_id;
  const open = STATES[item.state] === "open";
  const own = item.code === "conflict" && !item.origin_id && item.members.every((one) => one.their_user_id === item.holder_id);
  const why = own ? say("why_own") : say.has(`why_${item.code}`) ? say(`why_${item.code}`) : say("why_other", { why: say.title(item.code) });
  const back = (STATES[item.state] === "used_mine" && item.stands === "theirs") || (STATES[item.state] === "kept_theirs" && item.stands === "mine");
  const badge = make("span", { class: open ? "badge" : "badge done" }, say(back ? "state_taken_back" : `state_${STATES[item.state]}`));
  return make(
    "article", { class: open ? "card" : "card closed" },
    make("h3", {}, item.customer_id ? shopLink(item.customer_id) : say.named(ENTITIES[item.members[0]?.entity] || "record"), badge),
    make("p", { class: "why" }, `${clock(item.created_ms)} · ${why}${item.code === "conflict" && item.members.every((one) => one.group) ? ` ${say("rest_taken")}` : ""}`),
    comparison(item, mine),
    make("div", { class: "actions" }, ...actions(item, mine, open)),
  );
}

function comparison(item, mine) {
  const heads = [say("field"), say("before"), mine ? say("mine") : say("mine_of", { who: person(item.holder_id) })];
  const whose = item.members.find((member) => member.their_user_id);
  const stands = STATES[item.state] === "open" ? "theirs" : "stood";
  const own = whose && !item.origin_id && whose.their_user_id === item.holder_id;
  heads.push(whose ? say(`${stands}_of`, { who: own && mine ? say("own_elsewhere") : person(whose.their_user_id) }) : say(stands));
  const rows = item.members.flatMap((member) =>
    Object.keys(member.mine).filter((slot) => (!slot.endsWith("_id") || slot === "product_id") && differs(member, slot)).map((slot) => make(
      "tr", {},
      make("th", { scope: "row" }, fieldName(slot)),
      make("td", {}, slot in member.before ? shown(slot, member.before[slot], member.currency) : "–"),
      make("td", { class: "mine" }, shown(slot, member.mine[slot], member.currency)),
      make("td", { class: "theirs" }, slot in member.theirs ? shown(slot, member.theirs[slot], member.currency) : "–"),
    )));
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows));
}

const differs = (member, slot) => member.mine[slot] !== member.theirs[slot] || member.mine[slot] !== member.before[slot];

function actions(item, mine, open) {
  if (!mine) return open ? [make("span", { class: "detail" }, say("not_yours", { who: person(item.holder_id) }))] : [];
  const button = (name, work, second) => make("button", { type: "button", class: second ? "second" : null, onclick: () => { touched.add(item.id); decide(work); } }, say(name));
  const up = button("send_to_manager", () => command(item, "send_to_manager"), true);
  if (open && item.code === "conflict" && item.members.every((member) => member.group)) {
    return [button("use_mine", () => useMine(item)), button("keep_theirs", () => command(item, "keep_theirs"), true), up];
  }
  const phone = make("span", { class: "detail" }, say("on_phone"));
  const dismiss = button("dismiss", () => command(item, "dismiss"), true);
  if (open) return item.code === "conflict" ? [phone] : item.code === "server_error" ? [phone, dismiss, up] : [dismiss, up];
  if (item.stands === "mine") return [button("undo_decision", () => putBack(item, "theirs"), true)];
  if (item.stands === "theirs") return [button("after_all", () => putBack(item, "mine"), true)];
  return [];
}

// In which currency the amounts of a quote line are.
async function priced(member) {
  if (ENTITIES[member.entity] !== "quote_line") return;
  const quote = member.mine.quote_id || (await session.get(`/v1/records/quote_line/${member.id}`)).quote_id;
  member.currency = (await session.get(`/v1/records/quote/${quote}`)).currency;
}

// Which side of a decided card stands now: a decision can be taken back as long as one of the two does.
async function side(item) {
  const undoable = ["used_mine", "kept_theirs"].includes(STATES[item.state]) && item.members.every((one) => one.group && Object.keys(one.theirs).length);
  if (item.holder_id !== session.current().user_id || !undoable) return null;
  const records = await Promise.all(item.members.map((one) => session.get(`/v1/records/${ENTITIES[one.entity]}/${one.id}`)));
  const value = (record, slot) => (slot.startsWith("extra.") ? record.extra[slot.slice(6)] : record[slot]) ?? null;
  const stand = (name) => item.members.every((one, at) => Object.keys(one[name]).every((slot) => value(records[at], slot) === one[name][slot]));
  return ["mine", "theirs"].find(stand) || null;
}

function shopLink(id) {
  return id ? make("a", { href: "#", onclick: (event) => { event.preventDefault(); choose(id); } }, shopName(id)) : say("somebody");
}

function event(one) {
  const name = say.has(`did_${one.what}`) ? `did_${one.what}` : "did_other";
  const facts = {
    who: person(one.user_id), owner: person(one.values.owner_id), entity: say.named(ENTITIES[one.entity] || "record"),
    field: fieldName(one.group || ENTITIES[one.entity] || ""), shop: "\u0000",
  };
  const [left, right] = say(name, facts).split("\u0000");
  return make("li", {}, make("time", {}, clock(one.at_ms)), make("div", {}, left, shopLink(one.customer_id), right || "", make("div", { class: "detail" }, detail(one))));
}

function detail(one) {
  const told = [];
  if (one.values.late) told.push(say("late"));
  if (one.values.distance_mm !== null && one.values.distance_mm !== undefined) told.push(say("away", { metres: Math.round(one.values.distance_mm / 1000) }));
  if (one.values.note) told.push(one.values.note);
  if (one.group) told.push(...Object.entries(one.values).filter(([slot]) => slot !== "note" && slot !== "city").map(([slot, value]) => shown(slot, value)));
  return told.join(" · ");
}

async function showHistory() {
  const place = find("groups");
  if (!chosen) return place.replaceChildren(make("p", { class: "detail" }, say("history_none")));
  const told = await session.get(`/v1/records/customer/${chosen}/history`);
  const groups = new Map();
  for (const entry of told.items) if (entry.group) groups.set(entry.group, [...(groups.get(entry.group) || []), entry]);
  const parts = [...groups].map(([group, entries]) => make("div", { class: "group" }, make("h3", {}, fieldName(group)), make("ul", {}, ...entries.map(change))));
  return place.replaceChildren(...(parts.length ? parts : [make("p", { class: "detail" }, say("history_empty"))]));
}

function change(entry, index) {
  const slots = Object.keys(entry.after).filter((slot) => entry.before[slot] !== entry.after[slot]);
  const told = slots.flatMap((slot) => [
    make("span", { class: "was" }, shown(slot, entry.before[slot])), " → ", make("span", { class: index ? null : "now" }, shown(slot, entry.after[slot])), " ",
  ]);
  const who = make("span", { class: "detail" }, `${person(entry.user_id)}, ${say(`decision_${entry.decision}`)}`);
  const undo = index ? "" : make("button", { type: "button", class: "quiet", onclick: () => decide(() => undoChange(entry)) }, say("undo"));
  return make("li", {}, make("time", {}, clock(entry.at_ms)), make("div", {}, ...told, who), undo);
}

// -- decisions: ordinary mutations of this page's own device line

function body(values) {
  const plain = Object.entries(values).filter(([slot]) => !slot.startsWith("extra."));
  const extra = Object.entries(values).filter(([slot]) => slot.startsWith("extra.")).map(([slot, value]) => [slot.slice(6), value]);
  return { ...Object.fromEntries(plain), ...(extra.length ? { extra: Object.fromEntries(extra) } : {}) };
}

const patch = (kind, entity, id, group, rev, values) => ({ kind, entity, id, bases: { [group]: rev }, body: body(values) });

const useMine = (item) =>
  session.send(item.members.map((one) => patch(session.kinds.patch, one.entity, one.id, one.group, one.their_rev, one.mine)));

const command = (item, name) => session.send([{ kind: session.kinds.command, entity: 11, id: item.id, body: { command: name } }]);

async function putBack(item, side) {
  const edits = [];
  for (const one of item.members) {
    const record = await session.get(`/v1/records/${ENTITIES[one.entity]}/${one.id}`);
    edits.push(patch(session.kinds.undo, one.entity, one.id, one.group, record.rev, one[side]));
  }
  return session.send(edits);
}

async function undoChange(entry) {
  const record = await session.get(`/v1/records/customer/${chosen}`);
  return session.send([patch(session.kinds.undo, 1, chosen, entry.group, record.rev, entry.before)]);
}

function decide(work) {
  for (const button of document.querySelectorAll("main button")) button.disabled = true;
  return attempt(async () => {
    const outcomes = await work();
    await refresh();
    notice(say("sent", { result: [...new Set(outcomes.map((one) => say(`result_${RESULTS[one.result]}`)))].join(", ") }), true);
  }).finally(() => { for (const button of document.querySelectorAll("main button")) button.disabled = false; });
}

// -- coming, looking, going

async function refresh() {
  const [items, day] = await Promise.all([session.all("/v1/inbox"), session.get(`/v1/desk/timeline?since_ms=${Date.now() - DAY_MS}`)]);
  const rank = (item) => (STATES[item.state] === "open" || touched.has(item.id) ? 0 : 2) + (item.holder_id === session.current().user_id ? 0 : 1);
  items.sort((left, right) => rank(left) - rank(right) || right.created_ms - left.created_ms);
  await Promise.all(items.map(async (item) => { item.stands = await side(item).catch(() => null); await Promise.all(item.members.map(priced)).catch(() => null); }));
  chosen ??= items.find((item) => item.customer_id && item.holder_id === session.current().user_id)?.customer_id ?? null;
  if (chosen && document.activeElement !== find("customer")) find("customer").value = shopName(chosen);
  // What is decided long ago steps back; what was decided on this page stays in sight, to be taken back.
  const earlier = items.filter((item) => STATES[item.state] !== "open" && !touched.has(item.id));
  const near = items.filter((item) => !earlier.includes(item)).map(card);
  const folded = make("details", { open: Boolean(find("cards").querySelector("details[open]")) }, make("summary", {}, say("earlier", { count: earlier.length })), ...earlier.map(card));
  find("cards").replaceChildren(...(near.length ? near : [make("p", { class: "detail" }, say("inbox_empty"))]), ...(earlier.length ? [folded] : []));
  const events = day.items.filter((one) => one.entity !== 7);
  find("events").replaceChildren(...(events.length ? events.map(event) : [make("li", {}, "", say("timeline_none"))]));
  await showHistory();
}

async function choose(id) {
  chosen = id;
  find("customer").value = shopName(id);
  await attempt(showHistory);
  find("history").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

async function enter() {
  const told = session.current();
  find("sign-in").hidden = true;
  find("day").hidden = false;
  find("sign-out").hidden = false;
  find("who").textContent = told.name;
  const [persons, products, shops, definitions] = await Promise.all(["person", "product", "customer", "field_definition"].map((name) => session.all(`/v1/records/${name}`)));
  people = new Map([...persons, ...products].map((one) => [one.id, one.name]));
  customers = new Map(shops.map((one) => [one.id, one.name]));
  fields = new Map(definitions.map((one) => [one.key, one]));
  find("customers").replaceChildren(...shops.map((one) => make("option", { value: one.name })));
  await refresh();
}

async function leave() {
  await session.signOut();
  chosen = null;
  find("day").hidden = true;
  find("sign-out").hidden = true;
  find("sign-in").hidden = false;
  find("who").textContent = "";
}

function prefill() {
  const told = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of told) if (find("sign-in").elements[name]) find("sign-in").elements[name].value = value;
  // A password does not stay in the address bar.
  if (told.size) history.replaceState(null, "", location.pathname);
}

find("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  notice("");
  attempt(async () => {
    await session.signIn(Object.fromEntries(new FormData(event.target)));
    await enter();
  });
});
find("sign-out").addEventListener("click", () => attempt(leave));
find("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("outrider.language", language);
  relabel();
  if (session.current()) attempt(refresh);
});
find("customer").addEventListener("change", (event) => {
  const id = [...customers].find(([, name]) => name === event.target.value)?.[0];
  if (id) choose(id);
});
setInterval(() => { if (session.current() && !document.hidden && !document.querySelector("main button:disabled")) attempt(refresh); }, REFRESH_MS);

relabel();
prefill();
if (session.current()) attempt(enter);
else find("sign-in").hidden = false;
