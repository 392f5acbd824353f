/** What the server can tell an admin, who holds no customers: people, devices, pools and prices, and what of them asks for something. */

import { Role, type Id } from "../../client/src/index.ts";
import { all, one } from "../../shell/phone.ts";
import { pages } from "../../shell/rest.ts";
import { membersOf } from "../../shell/team.ts";
import { isSilent, type Line } from "../people/devices.tsx";
import type { User } from "../people/users.tsx";
import type { AdminText } from "./admin_texts.ts";

export interface Told {
  readonly users: readonly User[];
  readonly devices: readonly Line[];
}

export async function askPeople(): Promise<Told> {
  const [users, devices] = await Promise.all([pages<User>("/v1/desk/users"), pages<Line>("/v1/desk/devices")]);
  return { users, devices };
}

/** Something that an admin can put right, and where. */
export interface Matter {
  readonly what: AdminText;
  readonly means: AdminText;
  readonly to: string;
  /** Whom or what it is about. */
  readonly names: readonly string[];
}

export interface Figure {
  readonly what: AdminText;
  readonly n: number;
  readonly to: string;
}

export function matters(told: Told): readonly Matter[] {
  const found: readonly Matter[] = [...ofDevices(told), ...ofPeople(told), ...ofCatalogue()];
  return found.filter(({ names }) => names.length > 0);
}

function ofDevices({ users, devices }: Told): readonly Matter[] {
  const names = new Map(users.map(({ id, name }) => [id, name]));
  const of = (fits: (device: Line) => boolean): readonly string[] =>
    devices.filter(fits).map(({ user_id, name }) => [names.get(user_id), name].filter(Boolean).join(" · "));
  return [
    { what: "pending", means: "pending_means", to: "people/devices/pending", names: of(({ state }) => state === "pending") },
    { what: "silent", means: "silent_means", to: "people/devices/silent", names: of(isSilent) },
    {
      what: "unwiped",
      means: "unwiped_means",
      to: "people/devices/revoked",
      names: of(({ state, wiped_ms }) => state === "revoked" && wiped_ms === null),
    },
  ];
}

function ofPeople({ users, devices }: Told): readonly Matter[] {
  const active = users.filter((user) => user.active);
  const met = new Set(devices.map(({ user_id }) => user_id));
  const of = (fits: (user: User) => boolean): readonly string[] => active.filter(fits).map(({ name }) => name);
  const works = ({ role }: User): boolean => role === Role.rep || role === Role.manager;
  const placed = (user: User): Id | null => user["department_id"] as Id | null;
  return [
    {
      what: "cannot_enter",
      means: "cannot_enter_means",
      to: "people",
      names: of((user) => user["has_password"] !== true && !met.has(user.id)),
    },
    { what: "apart", means: "apart_means", to: "people/users/no_department", names: of((user) => works(user) && placed(user) === null) },
    {
      what: "unled",
      means: "unled_means",
      to: "people/departments",
      names: all("department")
        .filter(({ id }) => active.some((user) => user.role === Role.rep && placed(user) === id) && !isLed(id, active))
        .map(({ name }) => name),
    },
    { what: "only_you", means: "only_you_means", to: "imports", names: active.length === 1 ? of(() => true) : [] },
  ];
}

/** Whether an active manager stands in the department or above it. */
function isLed(department: Id, active: readonly User[]): boolean {
  const managed = new Set(active.filter(({ role }) => role === Role.manager).map((user) => user["department_id"]));
  for (let at: Id | null = department; at !== null; at = one("department", at)?.parent_id ?? null) if (managed.has(at)) return true;
  return false;
}

function ofCatalogue(): readonly Matter[] {
  const priced = new Set(all("price").map(({ product_id }) => product_id));
  const pools = all("pool").filter(({ active, department_id }) => active && membersOf(department_id).length === 0);
  const products = all("product").filter(({ id, active }) => active && !priced.has(id));
  return [
    { what: "empty_pools", means: "empty_pools_means", to: "pools", names: pools.map(({ name }) => name) },
    { what: "unpriced", means: "unpriced_means", to: "catalogue/prices", names: products.map(({ name }) => name) },
  ];
}

export function figures({ users, devices }: Told): readonly Figure[] {
  return [
    { what: "users", n: users.filter(({ active }) => active).length, to: "people" },
    { what: "devices", n: devices.filter(({ state }) => state === "active").length, to: "people/devices" },
    { what: "departments", n: all("department").length, to: "people/departments" },
    { what: "products", n: all("product").filter(({ active }) => active).length, to: "catalogue" },
    { what: "prices", n: all("price").length, to: "catalogue/prices" },
    { what: "pools", n: all("pool").filter(({ active }) => active).length, to: "pools" },
  ];
}
