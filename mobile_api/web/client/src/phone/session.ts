/** The session of a phone: tokens and device line in its storage, signing in and out, and the data that stay after the end of a session. */

import type { SignedIn } from "../generated/schema.ts";
import { userName } from "../storage/users.ts";
import { takeNewLine } from "../sync/device.ts";
import { decode } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import { idBytes, idText } from "../wire/ids.ts";
import { plain } from "../wire/text.ts";
import type { PhoneFile, PutNote } from "./file.ts";
import { Problem } from "./problem.ts";
import { Transport, type Host } from "./transport.ts";

const INSTALLATION = "installation";
const TOKENS = "tokens";
const URL_NOTE = "url";
/** Note of the last mutation number ever sent on this line. */
export const SENT = "sent";
/** Note of the last number of this line whose entry an earlier line had sent: it may have arrived there. */
export const CARRIED = "carried";

export const numberIn = (body: Uint8Array | undefined, otherwise: number): number =>
  body === undefined ? otherwise : Number(new TextDecoder().decode(body));
export const numberOut = (number: number): Uint8Array => new TextEncoder().encode(String(number));

export class Session {
  readonly transport: Transport;
  /** Rises with every sign-in and sign-out: a refusal speaks of the session that it answered. */
  number = 0;
  private readonly file: PhoneFile;
  private readonly url: string;
  private readonly newId: () => Uint8Array;

  constructor(file: PhoneFile, host: Host, newId: () => Uint8Array) {
    this.file = file;
    this.url = host.url;
    this.newId = newId;
    this.transport = new Transport(host, (told) => file.change((put) => this.take(told, put)));
  }

  /** Goes on with the session that is stored. */
  resume(): void {
    const body = this.file.note(TOKENS);
    const told = body === undefined ? null : (decode(body) as Omit<SignedIn, "user_id"> & { user_id: Uint8Array });
    this.transport.tokens = told === null ? null : { ...told, user_id: idText(told.user_id) };
    this.number += 1;
  }

  /** Signs in. Raises Problem(forbidden) when the storage is another user's alone, and what the server refuses. */
  async begin(path: "/v1/login" | "/v1/enrol", asked: Readonly<Record<string, string>>): Promise<SignedIn> {
    const told = await this.transport.begin(path, { ...asRead(asked), installation_id: await this.installation() });
    await this.openFor(told);
    await this.file.change((put) => {
      put(URL_NOTE, new TextEncoder().encode(this.url));
      this.take(told, put);
    });
    this.transport.tokens = told;
    this.number += 1;
    return told;
  }

  /** The server knows another history of this line (the storage was restored): go on as a new line. */
  async fork(): Promise<void> {
    await this.takeLine(await this.transport.fork());
  }

  /** The line that the tokens are of, when another one is stored here: a fork whose answer was lost. */
  async followLine(): Promise<void> {
    const { tokens } = this.transport;
    if (tokens !== null && tokens.line_no !== this.file.shelf.seat.line_no) await this.takeLine(tokens);
  }

  /** Ends the session here and, if it can be reached, on the server; data and queue stay. */
  async signOut(): Promise<void> {
    const { tokens } = this.transport;
    await this.forget();
    if (tokens !== null) await this.transport.logout(tokens.refresh_token).catch(() => undefined);
  }

  async forget(): Promise<void> {
    this.transport.tokens = null;
    this.number += 1;
    await this.file.change((put) => put(TOKENS, null));
  }

  /** A revoked phone forgets everything but which installation it is (P-708). */
  async wipe(): Promise<void> {
    this.transport.tokens = null;
    this.number += 1;
    await this.file.wipe(INSTALLATION);
  }

  /** The last number whose entry may have reached the server, on this line or an earlier one. */
  sentN(): number {
    return Math.max(numberIn(this.file.note(SENT), 0), numberIn(this.file.note(CARRIED), 0));
  }

  private async installation(): Promise<Uint8Array> {
    return this.file.change((put) => {
      const known = this.file.note(INSTALLATION) ?? this.newId();
      if (this.file.note(INSTALLATION) === undefined) put(INSTALLATION, known);
      return known;
    });
  }

  /** Opens the data of the user who signs in. Where only one user has a place, another is refused. */
  private async openFor(told: SignedIn): Promise<void> {
    const { file, transport } = this;
    if (userName(file.shelf.seat) === userName(told)) return;
    if (file.shared) {
      if (transport.tokens !== null) await this.signOut();
      await file.turnTo(userName(told));
    }
    const { user_id } = file.shelf.seat;
    if (user_id === "" || userName(file.shelf.seat) === userName(told)) return;
    await transport.logout(told.refresh_token).catch(() => undefined);
    throw new Problem("forbidden", "the data on this phone are another user's; choose another storage");
  }

  private async takeLine(told: SignedIn): Promise<void> {
    await this.file.change((put) => this.take(told, put));
    this.transport.tokens = told;
  }

  /** Inside an operation: the session and, when it is of a new line, the queue renumbered for it. */
  private take(told: SignedIn, put: PutNote): void {
    put(TOKENS, encode({ ...told, user_id: idBytes(told.user_id) }));
    if (this.file.shelf.seat.line_no === told.line_no) return;
    const carried = this.carried();
    takeNewLine(this.file.shelf, told.org_id, told.user_id, told.line_no);
    put(SENT, null);
    put(CARRIED, numberOut(carried));
  }

  /** How many of the entries that go on to a new line were sent; they are the first of it. */
  private carried(): number {
    const { shelf } = this.file;
    const sentN = this.sentN();
    const going = shelf.pendings().filter((one) => one.outcome === null || !shelf.seat.forked);
    return going.filter((one) => one.n <= sentN || one.outcome !== null).length;
  }
}

/** Names as typed with whatever input method (P-622); a password is taken as it is. */
function asRead(asked: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(asked).map(([name, text]) => [name, name === "password" ? text : plain(text)]));
}
