/** One phone: its storage and its connection together, and the verbs a user has. */

import { type EntityName, type Event, type Id, type InboxItem, type Records, type SignedIn, type Wake } from "../generated/schema.ts";
import type { Position } from "../geo/datum.ts";
import { decision, inbox, openItems, useMine } from "../sync/decisions.ts";
import { enter, type Edit } from "../sync/device.ts";
import { tidied } from "../sync/entered.ts";
import { isQuiet, view, views, waits } from "../sync/overlay.ts";
import type { Seat, Shelf } from "../sync/shelf.ts";
import { undoable, undoOf, UNDO_DAYS } from "../sync/undo.ts";
import { takeBack } from "../sync/unsent.ts";
import type { Mutation } from "../wire/envelopes.ts";
import { idBytes, newId } from "../wire/ids.ts";
import { filled, type Credentials, type Decision, type PhoneOptions, type PhoneState } from "./options.ts";
import { PhoneFile } from "./file.ts";
import { listen, type Told } from "./listen.ts";
import { Problem, UnreachableError } from "./problem.ts";
import { emptyReport, reached, rounds, type Progress, type SyncReport } from "./rounds.ts";
import { numberIn, numberOut, Session } from "./session.ts";
import { askAround, chooseTiles } from "./tiles.ts";

const SYNCED = "synced_ms";

export class Phone {
  state: PhoneState = "signed_out";
  /** Why the last sync ended early; null when it did not. */
  trouble: Error | null = null;
  /** Rises with every change of what a screen may show. */
  version = 0;
  /** The result of the running sync so far, or of the last one: it stays readable when the network ends it. */
  report: SyncReport = emptyReport();
  readonly session: Session;
  private readonly given: Required<PhoneOptions>;
  readonly file: PhoneFile;
  private readonly listeners = new Set<() => void>();
  private readonly watchers = new Set<Progress>();
  private running: Promise<SyncReport> | null = null;
  private again = false;

  constructor(options: PhoneOptions) {
    this.given = filled(options);
    this.file = new PhoneFile(this.given.storage, () => this.changed());
    this.session = new Session(this.file, this.given, () => idBytes(this.newId()));
  }

  /** Reads what is stored. Nothing else works before it; it needs no network. */
  async open(): Promise<this> {
    await this.file.load();
    this.session.resume();
    this.set(this.signedIn === null ? "signed_out" : "idle");
    return this;
  }

  /** Stores what is under way and lets go of the storage. */
  close(): Promise<void> {
    this.listeners.clear();
    return this.file.close();
  }

  /** Calls the listener after each change of what a screen may show; the answer ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // who

  /** The session of the user who is signed in. */
  get signedIn(): SignedIn | null {
    return this.session.transport.tokens;
  }

  /**
   * Signs in with a password; earlier entries stay in the queue.
   *
   * Throws UnreachableError, Problem(login_wrong | device_pending | too_many_attempts | forbidden when the data here are another user's).
   */
  signIn(asked: Credentials, deviceName = ""): Promise<SignedIn> {
    return this.begin("/v1/login", { ...asked, device_name: deviceName, app: this.given.app });
  }

  /** Signs in with a one-time code from an admin. Throws as `signIn`, Problem(code_wrong). */
  enrol(asked: { readonly organisation: string; readonly code: string }, deviceName = ""): Promise<SignedIn> {
    return this.begin("/v1/enrol", { ...asked, device_name: deviceName, app: this.given.app });
  }

  /** Ends the session; data and queue stay for the same user's next one. */
  async signOut(): Promise<void> {
    const ending = this.session.signOut();
    this.set("signed_out");
    await ending;
  }

  private async begin(path: "/v1/login" | "/v1/enrol", asked: Readonly<Record<string, string>>): Promise<SignedIn> {
    const told = await this.session.begin(path, asked);
    this.trouble = null;
    this.set("idle");
    return told;
  }

  // the screen

  /** All records of one kind as the screen shows them, by id. */
  views<N extends EntityName>(name: N): Records[N][] {
    return views(this.file.shelf, name);
  }

  /** One record as the screen shows it; null when there is none. */
  view<N extends EntityName>(name: N, id: Id): Records[N] | null {
    return view(this.file.shelf, name, id);
  }

  /** Every inbox item on this phone, oldest first. */
  inbox(): InboxItem[] {
    return inbox(this.file.shelf);
  }

  /** The inbox items that wait for this user, oldest first. */
  openItems(): InboxItem[] {
    return openItems(this.file.shelf);
  }

  /** How many own entries that are stored here the server has not answered yet; receipts are not counted (P-630). */
  waiting(): number {
    return this.file.stored.filter((one) => one.outcome === null && !isQuiet(one.raw)).length;
  }

  /** Which device line this is, and how far it came. */
  get seat(): Seat {
    return this.file.shelf.seat;
  }

  /** The memory of the device, to read. */
  get shelf(): Shelf {
    return this.file.shelf;
  }

  /** Whether own entries on a record still wait for their answer. */
  waits(name: EntityName, id: Id): boolean {
    return waits(this.file.shelf, name, id);
  }

  /** (positions, heads) summed over the scopes held: how far a first sync came. */
  reached(): [position: number, head: number] {
    return reached(this.file);
  }

  /** When the phone was last in step with the server, by its own clock. */
  get syncedMs(): number | null {
    return numberIn(this.file.note(SYNCED), 0) || null;
  }

  // entering

  newId(): Id {
    return newId(this.given.clock(), this.given.random(16));
  }

  /** Puts the user's act into the queue as one atomic group; the numbers given, when it is safe here. Throws MisfitError (P-623). */
  async enter(edits: readonly Edit[]): Promise<number[]> {
    const typed = edits.map(tidied);
    return this.file.change(() => enter(this.file.shelf, typed, this.given.clock()));
  }

  /** Puts the author's parked values in place after all. */
  useMine(item: InboxItem): Promise<number[]> {
    return this.file.change(() => {
      const groups = useMine(this.file.shelf, item);
      return groups.flatMap((edits) => enter(this.file.shelf, edits, this.given.clock()));
    });
  }

  /** Closes a card: the value that stands stays, a refusal was read, or the manager decides. */
  decide(item: InboxItem, told: Decision): Promise<number[]> {
    return this.enter([decision(item, told)]);
  }

  /** Takes the newest act out of the queue, if no request ever carried anything of it (P-614) and it begins with `firstN`; its entries. */
  takeBack(firstN?: number): Promise<Mutation[]> {
    return this.file.change(() => takeBack(this.file.shelf, this.session.sentN(), firstN));
  }

  /** Own changes on a customer that can be taken back, newest first; asks the server. */
  async undoable(customerId: Id): Promise<Event[]> {
    const sinceMs = Math.max(0, this.given.clock() - (UNDO_DAYS + 1) * 86_400_000);
    const told = await this.session.transport.timeline(customerId, sinceMs);
    return undoable(told, this.seat.user_id, this.given.clock()) as Event[];
  }

  /** Takes back a change of `undoable`. */
  async undo(event: Event): Promise<number[]> {
    const edit = undoOf(event);
    if (edit === null) throw new Problem("undo_expired", "this change cannot be taken back");
    return this.enter([edit]);
  }

  // syncing

  /**
   * Pushes and pulls until everything entered is answered and everything the server has is here. Asked while it runs, it runs once more.
   *
   * Throws UnreachableError: call again, nothing is lost and nothing happens twice; Problem(signed_out, …): the session ended, data and
   * queue stay; Problem(device_wipe): the phone was revoked and its data is gone.
   */
  sync(progress?: Progress): Promise<SyncReport> {
    if (progress !== undefined) this.watchers.add(progress);
    this.again = true;
    this.running ??= this.syncing().finally(() => {
      this.running = null;
      this.watchers.clear();
    });
    return this.running;
  }

  /** Asks for the pooled customers around a place too, from the next sync on. */
  keepTile(at: Position): Promise<void> {
    return askAround(this.file, at);
  }

  wait(ms: number): Promise<void> {
    return this.given.wait(ms);
  }

  /** Syncs on each hint of the server until `told.signal`. Throws Problem when the session ended. */
  listen(told: Told = {}): Promise<void> {
    return listen(this, told);
  }

  /** Waits for a hint that there is something to sync; throws as `sync`. */
  async wake(mark: string, waitS: number, signal?: AbortSignal): Promise<Wake> {
    const { number } = this.session;
    try {
      const hint = await this.session.transport.wake(mark, waitS, signal);
      if (this.state === "offline") this.set("idle");
      return hint;
    } catch (error) {
      if (!signal?.aborted) await this.end(error, number);
      throw error;
    }
  }

  private async syncing(): Promise<SyncReport> {
    const { number } = this.session;
    this.set(this.signedIn === null ? "signed_out" : "syncing");
    try {
      do {
        this.again = false;
        this.report = emptyReport();
        await chooseTiles(this.file);
        do await rounds(this.file, this.session, { ...this.asking(), report: this.report });
        while (await chooseTiles(this.file)); // it brought customers: their tiles are wanted too
      } while (this.again);
    } catch (error) {
      this.again = false;
      await this.end(error, number);
      throw error;
    }
    if (this.report.complete) await this.file.change((put) => put(SYNCED, numberOut(this.given.clock())), false);
    this.trouble = null;
    if (this.session.number === number) this.set(this.report.problem === null ? "idle" : "upgrade");
    return this.report;
  }

  private asking(): { app: string; clock: () => number; progress: Progress } {
    const progress: Progress = (position, head) => this.watchers.forEach((watcher) => watcher(position, head));
    return { app: this.given.app, clock: this.given.clock, progress };
  }

  /** What a failure means for the session and the screen; one that speaks of an earlier session means nothing (P-012, P-612). */
  private async end(error: unknown, number: number): Promise<void> {
    if (this.session.number !== number) return;
    this.trouble = error as Error;
    if (error instanceof Problem && error.code === "device_wipe") await this.session.wipe();
    else if (error instanceof Problem && error.remedy === "sign_in") await this.session.forget();
    if (this.signedIn === null) this.set("signed_out");
    else if (error instanceof Problem && error.remedy === "upgrade") this.set("upgrade");
    else this.set(error instanceof UnreachableError || (error instanceof Problem && error.remedy === "retry") ? "offline" : "idle");
  }

  private set(state: PhoneState): void {
    this.state = state;
    this.changed();
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        // the screen's own fault
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}

export type { Credentials, Decision, PhoneOptions, PhoneState, Progress, SyncReport };
