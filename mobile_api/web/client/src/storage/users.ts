/** A storage for each user of a shared device, in the shape of one (P-009). */

import { Shelf, type Changes } from "../sync/shelf.ts";
import type { NoteChanges, Notes, Storage, Stored } from "./storage.ts";

/** Note of whose storage is open. */
const USER = "user";
const INSTALLATION = "installation";
const UNCHANGED: Changes = { seat: false, scopes: new Set(), keys: new Set(), pendings: new Set() };

/**
 * `door` keeps what is the device's and no user's: which installation it is, and whose storage is open. `storageOf` gives each user's own,
 * by a name that stays the same. A wipe is of the user whose storage is open, and of nobody else.
 */
export function withUsers(door: Storage, storageOf: (user: string) => Storage): Storage {
  let open = door;
  const turn = async (user: string | null, more: Notes = new Map()): Promise<void> => {
    if (open !== door) await open.close();
    open = door;
    const notes: NoteChanges = new Map([...more, [USER, user === null ? null : new TextEncoder().encode(user)]]);
    await door.save(new Shelf(), UNCHANGED, notes, true);
  };
  return {
    async load(): Promise<Stored> {
      let atDoor = await door.load();
      if (atDoor.shelf.seat.user_id !== "") {
        await moveIn(door, atDoor, storageOf);
        atDoor = await door.load();
      }
      const { shelf, notes } = atDoor;
      const user = notes.get(USER);
      notes.delete(USER);
      if (user === undefined) return { shelf, notes };
      if (open === door) open = storageOf(new TextDecoder().decode(user));
      const own = await open.load();
      return { shelf: own.shelf, notes: new Map([...notes, ...own.notes]) };
    },
    save: (shelf, changes, notes, safe) => open.save(shelf, changes, notes, safe),
    turnTo: (user) => turn(user),
    async wipe(keep): Promise<void> {
      await open.wipe(open === door ? keep : new Map());
      await turn(null, keep);
    },
    async close(): Promise<void> {
      if (open !== door) await open.close();
      await door.close();
    },
  };
}

/** The name of a user's storage. */
export const userName = ({ org_id, user_id }: { readonly org_id: number; readonly user_id: string }): string => `${org_id} ${user_id}`;

/** The data of an app that knew one user only get a storage of their own. Whatever a kill leaves, they are whole in one of both. */
async function moveIn(door: Storage, { shelf, notes }: Stored, storageOf: (user: string) => Storage): Promise<void> {
  const user = userName(shelf.seat);
  const own = storageOf(user);
  await own.wipe(new Map());
  await own.save(shelf, everythingOn(shelf), notes, true);
  await own.close();
  const kept = [...notes].filter(([name]) => name === INSTALLATION);
  await door.wipe(new Map([...kept, [USER, new TextEncoder().encode(user)]]));
}

function everythingOn(shelf: Shelf): Changes {
  const keys = new Set([...shelf.holds.keys(), ...[...shelf.rows].map(([key]) => key)]);
  return { seat: true, scopes: new Set(shelf.scopes.keys()), keys, pendings: new Set(shelf.pendings().map(({ n }) => n)) };
}
