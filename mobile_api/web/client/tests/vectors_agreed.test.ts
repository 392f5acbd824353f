/** What phone and server compute alike, by Python's vectors. */

import { factsWithAmendments } from "../src/agreed/amendments.ts";
import { parsed, written, type Birthday } from "../src/agreed/birthdays.ts";
import { isAsking, isOffered } from "../src/agreed/claims.ts";
import { localDay } from "../src/agreed/days.ts";
import { heldFor } from "../src/agreed/holds.ts";
import { message, type Message } from "../src/agreed/messages.ts";
import { bounded, divided, lineAmount, lineAmounts, total, type Amounts } from "../src/agreed/money.ts";
import { isUnread, sections, stateShown, type Listed } from "../src/agreed/notices.ts";
import { contentHash, copiedId, priced, revisionOf } from "../src/agreed/quotes.ts";
import { awaitsDecision, byPolicy, countdown, dueDay, inForce, noticeDays, sinceMs } from "../src/agreed/reclaim.ts";
import { cadences, contactDueDay, discountLimitBps, ofTier, policyNow, tierAbove } from "../src/agreed/tiers.ts";
import type { Member, PoolCard, Quote, QuoteLine, ReclaimRule, Standing, Visit } from "../src/generated/schema.ts";
import { digest } from "../src/sync/cursor.ts";
import { hex, play, raw } from "./vectors.ts";

play("money", {
  "sync.agreed.money:divided": ({ numerator, denominator }) => String(divided(BigInt(numerator), BigInt(denominator))),
  "sync.agreed.money:line_amount": ({ line }) => lineAmount(line as QuoteLine),
  "sync.agreed.money:line_amounts": ({ line, prices_include_tax }) => lineAmounts(line as QuoteLine, prices_include_tax),
  "sync.agreed.money:total": ({ lines, prices_include_tax }) => total(lines as QuoteLine[], prices_include_tax),
  "sync.agreed.money:bounded": ({ amounts }) => bounded(amounts as Amounts),
});

play("quotes", {
  "sync.agreed.quotes:priced": ({ quote, lines, prices_include_tax }) => {
    const after = priced(quote as Quote, lines as QuoteLine[], prices_include_tax);
    return { quote: after, same: after === quote };
  },
  "sync.agreed.quotes:content_hash": ({ quote, lines }) => contentHash(quote as Quote, lines as QuoteLine[]),
  "sync.agreed.quotes:revision_of": ({ quote, lines, new_id }) => revisionOf(quote as Quote, lines as QuoteLine[], new_id),
  "sync.agreed.quotes:copied_id": ({ new_id, line_id }) => copiedId(new_id, line_id),
});

play("amendments", {
  "sync.agreed.amendments:facts_with_amendments": ({ facts }) =>
    factsWithAmendments(facts as Visit[]).map(({ first, shown, amendments }) => ({
      first: first.id,
      shown: shown.id,
      amendments: amendments.map(({ id }) => id),
    })),
});

play("birthdays", {
  "sync.agreed.birthdays:parsed": ({ text }) => parsed(text),
  "sync.agreed.birthdays:written": (birthday) => written(birthday as unknown as Birthday),
});

play("claims", {
  "sync.agreed.claims:is_asking": ({ one }) => isAsking(one as Member),
  "sync.agreed.claims:is_offered": ({ entries, one }) => isOffered(entries as Member[], one as Member),
});

play("notices", {
  "sync.agreed.notices:state_shown": ({ stored, receipts }) => stateShown(stored, receipts),
  "sync.agreed.notices:is_unread": ({ state }) => isUnread(state),
  "sync.agreed.notices:sections": ({ listed }) => sections(listed as Listed[]),
  "notifications.messages:message": ({ words, facts }) => message(words as Message, facts),
});

play("reclaim", {
  "sync.agreed.days:local_day": ({ at_ms, time_zone }) => localDay(at_ms, time_zone),
  "sync.agreed.reclaim:in_force": ({ rules, day }) => inForce(rules as ReclaimRule[], day),
  "sync.agreed.reclaim:since_ms": ({ standing, basis }) => sinceMs(standing as Standing, basis),
  "sync.agreed.reclaim:notice_days": ({ rule }) => noticeDays(rule as ReclaimRule),
  "sync.agreed.reclaim:due_day": ({ standing, rule, time_zone }) => dueDay(standing as Standing, rule as ReclaimRule, time_zone),
  "sync.agreed.reclaim:by_policy": ({ rule, policy, tier }) => byPolicy(rule as ReclaimRule, policy, tier),
  "sync.agreed.reclaim:awaits_decision": ({ quotes, customer_id }) => awaitsDecision(quotes as Quote[], customer_id),
  "sync.agreed.reclaim:countdown": ({ standing, rules, around }) => countdown(standing, rules, around),
});

play("tiers", {
  "sync.agreed.tiers:policy_now": ({ policies, day }) => policyNow(policies, day),
  "sync.agreed.tiers:of_tier": ({ values, tier }) => ofTier(values, tier),
  "sync.agreed.tiers:tier_above": ({ tier }) => tierAbove(tier),
  "sync.agreed.tiers:discount_limit_bps": ({ policy, tier, price }) => discountLimitBps(policy, tier, price),
  "sync.agreed.tiers:cadences": ({ policy, usual_days }) => cadences(policy, usual_days),
  "sync.agreed.tiers:contact_due_day": ({ standing, cadence_days, time_zone }) =>
    contactDueDay(standing as Standing, cadence_days, time_zone),
});

play("holds", { "sync.agreed.holds:held_for": ({ card, now_ms }) => heldFor(card as PoolCard, now_ms) });

play("cursors", { "sync.cursor:digest": ({ cursor }) => hex(digest(raw(cursor))) });
