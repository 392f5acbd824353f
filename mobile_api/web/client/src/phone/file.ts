/** The phone's memory and its storage together: one operation after the other, each stored whole before the next begins. */

import { Shelf, type Pending } from "../sync/shelf.ts";
import { isEmpty, type Notes, type Storage } from "../storage/storage.ts";
import { Problem } from "./problem.ts";

/** Writes a note inside an operation; null forgets it. */
export type PutNote = (name: string, body: Uint8Array | null) => void;

export class PhoneFile {
  shelf = new Shelf();
  private notes: Notes = new Map();
  private queue: readonly Pending[] = [];
  private readonly storage: Storage;
  private readonly changed: () => void;
  private last: Promise<unknown> | null = null;
  private broken = false;
  private closed = false;

  /** `changed` is told whenever memory changed. */
  constructor(storage: Storage, changed: () => void) {
    this.storage = storage;
    this.changed = changed;
  }

  note(name: string): Uint8Array | undefined {
    return this.notes.get(name);
  }

  /** The queue as the storage has it: an entry counts from when it survives the end of the app. */
  get stored(): readonly Pending[] {
    return this.queue;
  }

  load(): Promise<void> {
    return this.inTurn(() => this.read());
  }

  /**
   * One device operation: in memory at once when nothing is being stored, stored whole when it resolves. What cannot be stored, or throws,
   * leaves memory as the storage has it. `safe`: on the disk, not only with the operating system.
   */
  change<T>(operation: (put: PutNote) => T, safe = true): Promise<T> {
    return this.inTurn(() => this.operate(operation, safe));
  }

  /** Forgets everything but the notes of these names. */
  wipe(...kept: readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      await this.storage.wipe(new Map([...this.notes].filter(([name]) => kept.includes(name))));
      await this.read();
    });
  }

  /** Whether each user of this device has data of their own here. */
  get shared(): boolean {
    return this.storage.turnTo !== undefined;
  }

  /** Goes over to the data of this user. */
  turnTo(user: string): Promise<void> {
    return this.inTurn(async () => {
      await this.storage.turnTo?.(user);
      await this.read();
    });
  }

  /** Stores what is under way and closes the storage; nothing is entered or sent from here after it. */
  close(): Promise<void> {
    const closing = this.closed ? Promise.resolve() : this.inTurn(() => this.storage.close());
    this.closed = true;
    return closing;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(new Problem("request_malformed", "this phone is closed"));
    const before = this.last;
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => (settle = resolve));
    this.last = settled; // before the work begins: what its own listeners ask for comes after it
    const turn = before === null ? work() : before.then(work);
    const rest = (): void => {
      if (this.last === settled) this.last = null;
      settle();
    };
    turn.then(rest, rest);
    return turn;
  }

  private async operate<T>(operation: (put: PutNote) => T, safe: boolean): Promise<T> {
    if (this.broken) await this.read();
    const written = new Map<string, Uint8Array | null>();
    try {
      const result = operation((name, body) => {
        written.set(name, body);
        if (body === null) this.notes.delete(name);
        else this.notes.set(name, body);
      });
      const changes = this.shelf.taken();
      if (isEmpty(changes, written)) return result;
      this.changed();
      await this.storage.save(this.shelf, changes, written, safe);
      this.keepQueue();
      return result;
    } catch (error) {
      this.broken = true;
      await this.read().catch(() => undefined); // the next operation reads again before it begins
      throw error;
    }
  }

  private async read(): Promise<void> {
    const { shelf, notes } = await this.storage.load();
    this.shelf = shelf;
    this.notes = notes;
    this.broken = false;
    this.queue = shelf.pendings();
    this.changed();
  }

  private keepQueue(): void {
    const queue = this.shelf.pendings();
    if (queue === this.queue) return;
    this.queue = queue;
    this.changed();
  }
}
