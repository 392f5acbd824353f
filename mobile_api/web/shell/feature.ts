/** What a feature brings to an app, in one place: its screens, its share in the screens of others, and how its records read in one line. */

import type { ComponentType } from "preact";
import type { Customer, EntityName, Id, Records } from "../client/src/index.ts";
import type { IconName } from "./icons.tsx";

/** A screen: the parts of its address behind the first one. */
export interface Shown {
  readonly rest: readonly string[];
}

/** A place in the bar. `order`: from left to right, or from above. */
export interface Place {
  readonly order: number;
  readonly to: string;
  readonly icon: IconName;
  readonly word: () => string;
  /** What it is, in one line, where the word alone does not tell. */
  readonly hint?: () => string;
  /** How many things wait there; 0 shows nothing. */
  readonly badge?: () => number;
  /** Whether it is for this person; without it, for everybody. */
  readonly when?: () => boolean;
}

/** The places that are for the person who is signed in. */
export const forThis = (places: readonly Place[]): readonly Place[] => places.filter(({ when }) => when?.() ?? true);

/** A piece of a screen that another feature owns. `order`: from above. */
export interface Piece<Given> {
  readonly order: number;
  readonly View: ComponentType<Given>;
  /** Of a customer's screen: it only makes records, so it also serves a customer whose claim waits (P-513). */
  readonly claimed?: true;
}

export interface OfCustomer {
  readonly customer: Customer;
}

/** How records of one kind read wherever any record may stand: timeline, outbox, inbox, history. */
export interface Kind<N extends EntityName> {
  readonly icon: IconName;
  /** What it says, on one line; without it the words of its fields. */
  readonly line?: (record: Records[N]) => string;
  /** When it happened; a record that has a moment stands in its customer's timeline. */
  readonly atMs?: (record: Records[N]) => number | null;
  /** The address of its own screen. */
  readonly to?: (record: Records[N]) => string;
  /** The address of a screen that asks the server for it, where this device does not hold the record. */
  readonly asked?: (id: Id) => string;
}

export type Kinds = { readonly [N in EntityName]?: Kind<N> };

export interface Feature {
  /** First part of an address → the screen. */
  readonly screens?: Readonly<Record<string, ComponentType<Shown>>>;
  /** In the bar of the app. */
  readonly places?: readonly Place[];
  /** Behind "more": screens that do not stand in the bar. */
  readonly more?: readonly Place[];
  /** At the top of every screen, beside the corner that tells how the phone stands. */
  readonly top?: readonly Piece<object>[];
  /** On the first screen of the day. */
  readonly today?: readonly Piece<object>[];
  /** Buttons on a customer's screen. */
  readonly actions?: readonly Piece<OfCustomer>[];
  /** Sections of a customer's screen. */
  readonly customer?: readonly Piece<OfCustomer>[];
  readonly kinds?: Kinds;
}

/** All of an app's features together. */
export interface Features {
  readonly screens: ReadonlyMap<string, ComponentType<Shown>>;
  readonly places: readonly Place[];
  readonly more: readonly Place[];
  readonly top: readonly Piece<object>[];
  readonly today: readonly Piece<object>[];
  readonly actions: readonly Piece<OfCustomer>[];
  readonly customer: readonly Piece<OfCustomer>[];
  readonly kinds: Kinds;
}

/** Throws when two features claim one screen or one kind of record. */
export function gathered(features: readonly Feature[]): Features {
  const screens = new Map<string, ComponentType<Shown>>();
  const kinds: Record<string, unknown> = {};
  for (const feature of features) {
    for (const [name, screen] of Object.entries(feature.screens ?? {})) {
      if (screens.has(name)) throw new Error(`two features have a screen at ${name}`);
      screens.set(name, screen);
    }
    for (const [name, kind] of Object.entries(feature.kinds ?? {})) {
      if (name in kinds) throw new Error(`two features say how ${name} reads`);
      kinds[name] = kind;
    }
  }
  const ordered = <T extends { readonly order: number }>(of: (feature: Feature) => readonly T[] | undefined): T[] =>
    features.flatMap((feature) => of(feature) ?? []).sort((left, right) => left.order - right.order);
  return {
    screens,
    kinds: kinds as Kinds,
    places: ordered((feature) => feature.places),
    more: ordered((feature) => feature.more),
    top: ordered((feature) => feature.top),
    today: ordered((feature) => feature.today),
    actions: ordered((feature) => feature.actions),
    customer: ordered((feature) => feature.customer),
  };
}
