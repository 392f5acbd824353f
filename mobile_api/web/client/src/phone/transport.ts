/** HTTP of the phone: MessagePack over fetch, tokens that are renewed, patience with a busy server. */

import type { Event, SignedIn, Timeline, Wake } from "../generated/schema.ts";
import { decode } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import { readAnswer, requestBytes, type SyncAnswer, type SyncRequest } from "../wire/envelopes.ts";
import { idText } from "../wire/ids.ts";
import { Problem, problemIn, UnreachableError } from "./problem.ts";

const MSGPACK = "application/vnd.msgpack";
const JSON_MEDIA = "application/json";
export const COMPRESS_FROM_BYTES = 512;
export const TRIES_MAX = 6;
/** A server that asks for more patience than this is told to the user instead. */
export const WAIT_S_MAX = 10;
const TIMEOUT_MS = 60_000;
/** A 500 too: the server counts its failures on one entry, and takes it out of the way on the third. */
const PATIENT: readonly number[] = [429, 500, 503];

/** What the connection needs of its host. Each may be another one than the platform's own. */
export interface Host {
  /** The server's address without a path, such as `https://sales.example`; empty: where the page came from. */
  readonly url: string;
  /** Of the server's words: `en` or `zh`. */
  readonly language: string;
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Told before each wait for a busy server. */
  readonly busy: (waitMs: number) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;
interface Question {
  readonly path: string;
  /** Without a body it is a GET, unless `method` says otherwise. */
  readonly body: Bytes | null;
  readonly method?: string;
  /** Of the body and of the answer. */
  readonly media?: string;
  /** Of a body that is a file: it is sent as it is. */
  readonly file?: string;
  readonly signal?: AbortSignal | undefined;
}
interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly bytes: Uint8Array;
}

export class Transport {
  tokens: SignedIn | null = null;
  bytesUp = 0;
  bytesDown = 0;
  /** Waited for a busy server, in all. */
  waitedMs = 0;
  private readonly host: Host;
  private readonly keep: (told: SignedIn) => Promise<void>;
  private refreshing: Promise<SignedIn> | null = null;

  /** `keep` stores tokens that a refresh brought, before they are used. */
  constructor(host: Host, keep: (told: SignedIn) => Promise<void>) {
    if (host.url !== "" && !/^https?:\/\/[^/]/.test(host.url)) {
      throw new Problem("parameter_wrong", `${host.url} is not an address such as http://127.0.0.1:8080`, "url");
    }
    this.host = { ...host, url: host.url.replace(/\/+$/, "") };
    this.keep = keep;
  }

  /** Signs in with a password (`/v1/login`) or a one-time code (`/v1/enrol`). The tokens are the caller's to keep. */
  async begin(path: "/v1/login" | "/v1/enrol", asked: Readonly<Record<string, unknown>>): Promise<SignedIn> {
    return readSignedIn(await this.call({ path, body: encode(asked) }, null));
  }

  /** Ends a session on the server. */
  async logout(refreshToken: string): Promise<void> {
    await this.call({ path: "/v1/logout", body: encode({ refresh_token: refreshToken }) }, null);
  }

  /** Closes this device line and opens a new one of the same phone and user. */
  async fork(): Promise<SignedIn> {
    return readSignedIn(await this.withToken({ path: "/v1/device/fork", body: encode({}) }));
  }

  /** Push and pull. `lineNo`: the line that the request was written for; it is never sent with the token of another (P-009). */
  async sync(asked: SyncRequest, lineNo: number, signal?: AbortSignal): Promise<SyncAnswer> {
    const bytes = await this.withToken({ path: "/v1/sync", body: requestBytes(asked), signal }, lineNo);
    return understood(() => readAnswer(bytes));
  }

  /** Waits for a hint that there is something to sync, `waitS` seconds at most (P-805). */
  async wake(mark: string, waitS: number, signal?: AbortSignal): Promise<Wake> {
    const bytes = await this.withToken({ path: `/v1/wake?wait_s=${waitS}&mark=${encodeURIComponent(mark)}`, body: null, signal });
    return understood(() => decode(bytes) as Wake);
  }

  /** Events on one customer since a moment, newest first. */
  async timeline(customerId: string, sinceMs: number): Promise<readonly Event[]> {
    const told = (await this.json("GET", `/v1/desk/timeline?since_ms=${sinceMs}&customer_id=${customerId}`)) as Timeline;
    return told.items;
  }

  /** Asks a verb of the desk, in JSON. */
  async json(method: "GET" | "POST" | "PUT" | "DELETE", path: string, asked?: unknown): Promise<unknown> {
    const body = method === "POST" || method === "PUT" ? new TextEncoder().encode(JSON.stringify(asked ?? {})) : null;
    return parsed(await this.withToken({ path, body, media: JSON_MEDIA, method }));
  }

  /** A file that the server writes: of a GET, or of a POST when it is `asked` to write something into it. */
  written(path: string, asked?: unknown): Promise<Uint8Array> {
    const body = asked === undefined ? null : new TextEncoder().encode(JSON.stringify(asked));
    return this.withToken({ path, body, media: JSON_MEDIA });
  }

  /** Sends a file as it is, such as `text/csv`; the answer is JSON. */
  async upload(path: string, body: Bytes, file: string): Promise<unknown> {
    return parsed(await this.withToken({ path, body, media: JSON_MEDIA, file }));
  }

  private session(): SignedIn {
    if (this.tokens === null) throw new Problem("signed_out", "no user is signed in on this phone");
    return this.tokens;
  }

  /**
   * One call with the access token. One that has to be refreshed is exchanged once (P-005); a refusal of a session that another one has
   * followed meanwhile is asked again with that one (P-012).
   */
  private async withToken(asked: Question, lineNo?: number): Promise<Uint8Array> {
    const used = this.sessionOf(lineNo);
    try {
      return await this.call(asked, used);
    } catch (error) {
      const followed = this.tokens !== null && this.tokens !== used;
      if (!(error instanceof Problem) || !(error.remedy === "refresh" || (error.remedy === "sign_in" && followed))) throw error;
    }
    if (this.tokens === used) await this.refresh();
    return this.call(asked, this.sessionOf(lineNo));
  }

  private sessionOf(lineNo: number | undefined): SignedIn {
    const session = this.session();
    if (lineNo !== undefined && session.line_no !== lineNo) throw new UnreachableError("another line began on this phone meanwhile");
    return session;
  }

  /** Never two at once (P-006). */
  private refresh(): Promise<SignedIn> {
    this.refreshing ??= this.refreshed().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  private async refreshed(): Promise<SignedIn> {
    const used = this.session();
    const told = readSignedIn(await this.call({ path: "/v1/refresh", body: encode({ refresh_token: used.refresh_token }) }, null));
    if (this.tokens !== used) return this.session(); // signed out or in again while the answer was on its way
    await this.keep(told);
    this.tokens = told;
    return told;
  }

  /** One exchange, again while the server asks for a little patience (P-707). */
  private async call(asked: Question, session: SignedIn | null): Promise<Uint8Array> {
    for (let tries = 1; ; tries++) {
      const reply = await this.exchange(asked, session);
      if (reply.status < 400) return reply.bytes;
      const waitMs = tries < TRIES_MAX && PATIENT.includes(reply.status) ? patienceMs(reply.retryAfter) : null;
      if (waitMs === null) throw problemIn(reply.status, reply.bytes);
      this.host.busy(waitMs);
      await this.host.wait(waitMs);
      this.waitedMs += waitMs;
    }
  }

  private async exchange(asked: Question, session: SignedIn | null): Promise<Reply> {
    const media = asked.media ?? MSGPACK;
    const headers: Record<string, string> = { Accept: media, "Accept-Language": this.host.language };
    if (session !== null) headers["Authorization"] = `Bearer ${session.access_token}`;
    if (asked.body !== null) headers["Content-Type"] = asked.file ?? media;
    const squeezed =
      asked.body !== null && asked.file === undefined && asked.body.length >= COMPRESS_FROM_BYTES ? await compressed(asked.body) : null;
    if (squeezed !== null) headers["Content-Encoding"] = "gzip";
    const body = squeezed ?? asked.body;
    const ends = deadline(asked.signal);
    try {
      const method = asked.method ?? (body === null ? "GET" : "POST");
      const sent: RequestInit = { method, headers, body, cache: "no-store", credentials: "omit", signal: ends.signal };
      const answer = await this.host.fetch(this.host.url + asked.path, sent);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      this.bytesUp += body?.length ?? 0;
      this.bytesDown += bytes.length;
      return { status: answer.status, retryAfter: answer.headers.get("Retry-After"), bytes };
    } catch (error) {
      throw new UnreachableError(`no answer from the server: ${reason(error)}`);
    } finally {
      ends.clear();
    }
  }
}

/** Ends with the caller's signal, or after a minute. `AbortSignal.any` and `timeout` are not everywhere. */
function deadline(given?: AbortSignal): { signal: AbortSignal; clear: () => void } {
  const control = new AbortController();
  const abort = (): void => control.abort();
  const timer = setTimeout(abort, TIMEOUT_MS);
  given?.addEventListener("abort", abort);
  if (given?.aborted) abort();
  const clear = (): void => {
    clearTimeout(timer);
    given?.removeEventListener("abort", abort);
  };
  return { signal: control.signal, clear };
}

/** The bytes under gzip; null where the host cannot (React Native). Answers are opened by fetch itself. */
async function compressed(bytes: Bytes): Promise<Bytes | null> {
  if (typeof CompressionStream === "undefined") return null;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * How long the server asks to wait, and up to a second more, so that phones told the same do not come together (P-709). Null when that is
 * more than a user should watch.
 */
function patienceMs(retryAfter: string | null): number | null {
  const asked = retryAfter ?? "1";
  if (!/^\d{1,3}$/.test(asked) || Number(asked) > WAIT_S_MAX) return null;
  return Number(asked) * 1_000 + Math.floor(Math.random() * 1_000);
}

function readSignedIn(bytes: Uint8Array): SignedIn {
  return understood(() => {
    const told = decode(bytes) as Omit<SignedIn, "user_id"> & { user_id: Uint8Array };
    return { ...told, user_id: idText(told.user_id) };
  });
}

function parsed(bytes: Uint8Array): unknown {
  return understood(() => JSON.parse(new TextDecoder().decode(bytes)) as unknown);
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnreachableError(`the answer is not what this app understands: ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message ?? message ?? String(error);
}
