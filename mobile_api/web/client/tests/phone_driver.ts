/**
 * A phone behind one line of JSON per question: how the Python tests drive it against a real server. Each question is answered in the
 * order in which it ends, by its number; `cut` breaks the network beneath the phone.
 */

import { createInterface } from "node:readline";
import type { Event } from "../src/generated/schema.ts";
import { command, create, patch, remove } from "../src/phone/edits.ts";
import { Phone } from "../src/phone/phone.ts";
import { Problem } from "../src/phone/problem.ts";
import { SqliteStorage } from "../src/storage/sqlite.ts";
import { nodeDatabase } from "./node_sqlite.ts";

type Told = Record<string, any>;

/** What happens to the next exchanges: the request is lost, its answer is lost, the phone dies before or after. */
const cuts: string[] = [];
const waits: number[] = [];
const requests: string[] = [];
let phone: Phone;
let listening = new AbortController();
let heard = 0;
let broke = 0;
const die = (): void => void process.kill(process.pid, "SIGKILL");

async function cutFetch(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  requests.push(
    String(input)
      .replace(/^https?:..[^/]*/, "")
      .replace(/[?].*/, ""),
  );
  const cut = cuts.shift() ?? "";
  if (cut === "request") throw new TypeError("the request was lost");
  if (cut === "die_before") die();
  const answer = await fetch(input, init);
  if (cut === "die_after") die();
  if (cut === "answer") throw new TypeError("the answer was lost");
  if (cut === "between") return new Response("<html>sign in to the hotel's network</html>", { status: 503 });
  return answer;
}

async function open(told: Told): Promise<unknown> {
  const storage = new SqliteStorage(nodeDatabase(told["file"] as string));
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const clock = told["clock"] === undefined ? Date.now : () => told["clock"] as number;
  phone = await new Phone({ url: told["url"] as string, storage, fetch: cutFetch, wait, clock }).open();
  return seat();
}

function seat(): unknown {
  const { state, seat, signedIn, trouble } = phone;
  return { ...seat, state, cursor: undefined, signedIn: signedIn !== null, waiting: phone.waiting(), trouble: trouble && String(trouble) };
}

function edits(told: Told): ReturnType<typeof create>[] {
  return (told["edits"] as [string, any, string, any][]).map(([kind, name, id, values]) => {
    if (kind === "command") return command(name, id, values);
    if (kind === "create") return create(name, values, id);
    return kind === "patch" ? patch(name, id, values) : remove(name, id);
  });
}

async function sync(told: Told): Promise<unknown> {
  const reached: [number, number][] = [];
  const report = await phone.sync(told["progress"] === true ? (position, head) => reached.push([position, head]) : undefined);
  const answered = report.answered.map((one) => ({ ...one, raw: undefined }));
  return { ...report, answered, reached };
}

/** Resolves when the screen shows as many records. */
function shows(told: Told): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (phone.views(told["name"]).length < told["count"]) return;
      ends();
      resolve();
    };
    const ends = phone.onChange(look);
    look();
  });
}

const OPS: Record<string, (told: Told) => unknown> = {
  open,
  sync,
  seat,
  signIn: async (told) => (await phone.signIn(told["who"], "test")) && seat(),
  enrol: async (told) => (await phone.enrol(told["who"], "test")) && seat(),
  signOut: async () => (await phone.signOut(), seat()),
  newId: () => phone.newId(),
  enter: (told) => phone.enter(edits(told)),
  views: (told) => phone.views(told["name"]),
  shows: (told) => shows(told),
  openItems: () => phone.openItems(),
  useMine: (told) => phone.useMine(phone.openItems().find((one) => one.id === told["id"])!),
  decide: (told) =>
    phone.decide(
      phone.openItems().find((one) => one.id === told["id"])!,
      told["command"],
    ),
  takeBack: async () => (await phone.takeBack()).map((one) => one.n),
  keepTile: (told) => phone.keepTile(told["at"]),
  undoable: (told) => phone.undoable(told["id"]),
  undo: (told) => phone.undo(told["event"] as Event),
  reached: () => phone.reached(),
  cut: (told) => cuts.push(...(told["cuts"] as string[])),
  spoil: (told) => {
    const { transport } = phone.session;
    transport.tokens = { ...transport.tokens!, access_token: told["access_token"] };
  },
  told: () => ({ waits, requests, heard, broke }),
  listen: () => {
    listening = new AbortController();
    return phone.listen({ signal: listening.signal, synced: () => (heard += 1), broke: () => (broke += 1) });
  },
  hush: () => listening.abort(),
  close: () => phone.close(),
};

function failure(error: unknown): unknown {
  if (error instanceof Problem)
    return { name: error.name, code: error.code, remedy: error.remedy, field: error.field, words: error.message };
  const { name, message, stack } = error as Error;
  return { name, words: message, stack };
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line) as Told;
  void (async () => OPS[told["op"] as string]!(told))().then(
    (answer) => process.stdout.write(`${JSON.stringify({ number: told["number"], answer: answer ?? null })}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ number: told["number"], error: failure(error) })}\n`),
  );
}
