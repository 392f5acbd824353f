/** Where a device is kept: what the phone asks of any storage. One call stores one device operation whole, or not at all. */

import type { Changes, Shelf } from "../sync/shelf.ts";

/** Bytes by name, beside the device's own memory: tokens, settings. Their meaning is the phone's. */
export type Notes = Map<string, Uint8Array>;
/** Notes that an operation wrote; null forgets one. */
export type NoteChanges = ReadonlyMap<string, Uint8Array | null>;

export interface Stored {
  readonly shelf: Shelf;
  readonly notes: Notes;
}

export interface Storage {
  /** All that is stored; an empty shelf when nothing is. */
  load(): Promise<Stored>;
  /** Writes what `changes` name, as it stands on the shelf, in one transaction. `safe`: resolves when it is on the disk. */
  save(shelf: Shelf, changes: Changes, notes: NoteChanges, safe: boolean): Promise<void>;
  /** Forgets everything but these notes, in one transaction. */
  wipe(keep: Notes): Promise<void>;
  close(): Promise<void>;
  /** Goes over to another user of this device: the next `load` is of that user's data. Without it, the storage is of one user. */
  turnTo?(user: string): Promise<void>;
}

/** Whether an operation changed nothing, so that nothing is to be stored. */
export function isEmpty(changes: Changes, notes: NoteChanges): boolean {
  return !changes.seat && changes.scopes.size + changes.keys.size + changes.pendings.size + notes.size === 0;
}
