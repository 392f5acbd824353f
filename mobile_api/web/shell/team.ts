/** Who stands where: departments, their members, a person's reports, and who stands above; from the directory on every device. */

import { Role, type Department, type Id, type Person } from "../client/src/index.ts";
import { byName } from "./format.ts";
import { all, one, remembered, signedIn } from "./phone.ts";

export const meId = (): Id => signedIn.value?.user_id ?? "";
const ownDepartment = (): Id | null => one("person", meId())?.department_id ?? null;

export const isAdmin = (): boolean => signedIn.value?.role === Role.admin;
export const isManager = (): boolean => signedIn.value?.role === Role.manager;
export const isLeader = (): boolean => isAdmin() || isManager();

/** A department and all below it. */
const below = remembered((top: Id): ReadonlySet<Id> => {
  const found = new Set([top]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { id, parent_id: parent } of all("department")) if (parent !== null && found.has(parent)) found.add(id);
  }
  return found;
});

/** Active users; a business system is none. */
const users = (): readonly Person[] => all("person").filter(({ active, role }) => active && role !== Role.service);

/** The active users of a department and of all below it, by name; without a department, all of them. */
export const membersOf = remembered((department: Id | null): readonly Person[] => {
  const inside = department === null ? null : below(department);
  return byName(users().filter(({ department_id }) => inside === null || (department_id !== null && inside.has(department_id))));
});

/** Departments to which the person may write: the own one first, of a manager also those below it. */
export function ownDepartments(): readonly Department[] {
  const own = one("department", ownDepartment() ?? "");
  if (own === null) return [];
  const inside = isManager() ? below(own.id) : new Set<Id>();
  return [own, ...byName(all("department").filter(({ id }) => id !== own.id && inside.has(id)))];
}

/** The reports who follow up customers, by name: reps, and managers below (P-122). An admin sees every one of the organisation. */
export const reports = remembered((): readonly Person[] => {
  const own = ownDepartment();
  if (own === null && !isAdmin()) return [];
  return membersOf(isAdmin() ? null : own).filter(({ id, role }) => id !== meId() && (role === Role.rep || role === Role.manager));
});

/** To whom a customer or something to do may be given: the reports, and a manager's own self. */
export function receivers(): readonly Person[] {
  const self = one("person", meId());
  return self !== null && self.role === Role.manager ? [...reports(), self] : reports();
}

/** The nearest active manager beside or above a person, as the server finds it (D-504); null without one. */
export function managerAbove(id: Id): Person | null {
  const managers = all("person")
    .filter((person) => person.active && person.role === Role.manager && person.id !== id)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  for (let at = one("person", id)?.department_id ?? null; at !== null; at = one("department", at)?.parent_id ?? null) {
    const found = managers.find((person) => person.department_id === at);
    if (found !== undefined) return found;
  }
  return null;
}

/** Whether a card of this person's may be sent up. */
export const hasManagerAbove = (): boolean => managerAbove(meId()) !== null;
