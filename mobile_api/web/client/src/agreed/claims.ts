/** What stands on the card of a claim that was refused: who was first, and which entries are offered to that user (P-513). */

import { Kind, type Member } from "../generated/schema.ts";
import { BY_NUMBER, entityOf } from "../sync/entity.ts";

/** What a tile shows of a customer, under the customer's own id. */
const SHOWN = entityOf("pool_card").number;

/** Whether an entry asks for a customer: a command on what a tile shows of it. */
export const isAsking = ({ kind, entity }: Member): boolean => kind === Kind.command && entity === SHOWN;

/** Whether one of a card's entries about the claimed customer is offered to the user who won: what was told or done there. */
export const isOffered = (entries: readonly Member[], { entity }: Member): boolean =>
  !!BY_NUMBER.get(entity)?.isFact && entries.some((one) => isAsking(one) && one.their_user_id !== null);
