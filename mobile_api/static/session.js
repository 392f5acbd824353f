// The page as a device line of its own: sign in, read, send decisions. Tokens live in this tab only.
const KEY = "outrider.session";
const KINDS = { create: 1, patch: 2, remove: 3, command: 4, undo: 5 };

export class Refused extends Error {
  constructor(told) {
    super(document.documentElement.lang === "zh" ? told.title : told.detail || told.title);
    this.code = told.code;
    this.remedy = told.remedy;
  }
}

let session = JSON.parse(sessionStorage.getItem(KEY) || "null");
let sending = Promise.resolve();

export const current = () => session;
export const kinds = KINDS;

function keep(told) {
  session = told;
  if (told) sessionStorage.setItem(KEY, JSON.stringify(told));
  else sessionStorage.removeItem(KEY);
}

async function call(method, path, body, token) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const sent = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" };
  const answer = await fetch(path, sent).catch(() => null);
  const told = answer && (await answer.json().catch(() => null));
  // What is not the server's own words, a proxy's page say, tells nothing of the request.
  if (!told || (!answer.ok && !told.code)) throw new Refused({ code: "unreachable" });
  if (!answer.ok) throw new Refused(told);
  return told;
}

async function signed(method, path, body) {
  try {
    return await call(method, path, body, session.access_token);
  } catch (problem) {
    if (problem.remedy !== "refresh") throw problem;
  }
  keep({ ...session, ...(await call("POST", "/v1/refresh", { refresh_token: session.refresh_token })), last_n: session.last_n });
  return call(method, path, body, session.access_token);
}

export async function signIn(form) {
  const installation = crypto.randomUUID();
  keep(await call("POST", "/v1/login", { ...form, installation_id: installation, device_name: "page", app: "page 1" }));
}

export async function signOut() {
  const token = session && session.refresh_token;
  keep(null);
  if (token) await call("POST", "/v1/logout", { refresh_token: token }).catch(() => {});
}

export const get = (path) => signed("GET", path);

export async function all(path) {
  const items = [];
  let after = null;
  do {
    const page = await get(after ? `${path}?after=${after}` : path);
    items.push(...page.items);
    after = page.after;
  } while (after);
  return items;
}

// Mutations go one batch after the other, each with the next numbers of this line, as one atomic group.
export function send(edits) {
  const turn = sending.then(() => sendNow(edits));
  sending = turn.catch(() => {});
  return turn;
}

async function sendNow(edits) {
  const now = Date.now();
  const first = session.last_n + 1;
  const mutations = edits.map((edit, index) => ({
    n: first + index, group: { first_n: first, index, count: edits.length }, device_ms: now, bases: {}, body: null, ...edit,
  }));
  const asked = { protocol: 1, schema: 1, app: "page 1", cursor: "", acked_n: session.last_n, device_ms: now, mutations, page_bytes: 1 };
  const told = await signed("POST", "/v1/sync", asked);
  keep({ ...session, last_n: told.last_n });
  return told.outcomes.filter((outcome) => outcome.n >= first);
}
