/** Holds of pooled customers: for whom a card is held at a moment, the same on the phone and on the server (D-192). */

import type { Id, PoolCard } from "../generated/schema.ts";

/** The user for whom a card is held at a moment; null: for nobody. */
export const heldFor = (card: PoolCard, nowMs: number): Id | null =>
  card.pooled && (card.held_until_ms ?? 0) > nowMs ? card.held_by_id : null;
