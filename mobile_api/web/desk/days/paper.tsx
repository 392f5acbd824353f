/** A rep's day as files: a workbook of its steps, and GeoJSON of its visits. Both hold what the screen shows. */

import type { JSX } from "preact";
import { byRoadMm, type ContactLog, type Visit } from "../../client/src/index.ts";
import { saveFile } from "../../shell/sheet.ts";
import { entityNumber, idWords, valueWords, word } from "../../shell/words.ts";
import { Export } from "../export.tsx";
import type { Column } from "../rows.ts";
import { isCorrected, reasonsOf, type Step } from "./look.ts";
import { deletedWords, say } from "./texts.ts";

const MEDIA = "application/geo+json";
const MM_DIGITS = 3;
const MINUTE_MS = 60_000;

const minutes = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / MINUTE_MS));
const visitOf = ({ isVisit, fact }: Step): Visit | null => (isVisit ? (fact.first as Visit) : null);
const customer = ({ fact }: Step): string => idWords("customer_id", fact.first.customer_id);
const why = (step: Step): string[] => (step.isVisit ? reasonsOf(step.fact).map((name) => word(name)) : []);

function verdict(step: Step): string | null {
  const visit = visitOf(step);
  return visit === null ? null : valueWords(entityNumber("visit"), "verdict", visit.verdict);
}

function how({ isVisit, fact }: Step): string {
  return isVisit ? say("visit") : valueWords(entityNumber("contact_log"), "channel", (fact.shown as ContactLog).channel);
}

function state({ isVisit, fact }: Step): string {
  const corrected = isCorrected(fact) ? say(fact.shown.withdrawn ? "withdrawn" : "corrected") : "";
  const deleted = isVisit ? deletedWords(fact.first as Visit) : "";
  return [fact.first.late ? say("late") : "", corrected, deleted].filter(Boolean).join(" · ");
}

const columns = (): readonly Column<Step>[] => [
  { name: "time", word: say("time"), value: ({ fact }) => fact.first.occurred_ms, kind: "moment" },
  { name: "number", word: say("number"), value: ({ number }) => number },
  { name: "customer", word: say("customer"), value: customer },
  { name: "what", word: say("what"), value: how },
  { name: "verdict", word: say("verdict"), value: verdict },
  { name: "reasons", word: say("reasons"), value: (step) => why(step).join(" · ") },
  { name: "distance", word: say("from_customer"), value: (step) => visitOf(step)?.distance_mm ?? null, digits: MM_DIGITS },
  { name: "accuracy", word: say("accurate"), value: (step) => visitOf(step)?.accuracy_mm ?? null, digits: MM_DIGITS },
  { name: "stayed", word: say("minutes_stayed"), value: ({ stayedMs }) => minutes(stayedMs) },
  { name: "between", word: say("minutes_between"), value: ({ gapMs }) => minutes(gapMs) },
  { name: "crow", word: say("crow"), value: ({ wayMm }) => wayMm, digits: MM_DIGITS },
  { name: "road", word: say("road"), value: ({ wayMm }) => (wayMm === null ? null : byRoadMm(wayMm)), digits: MM_DIGITS },
  { name: "received", word: say("received_at"), value: ({ fact }) => fact.first.received_ms, kind: "moment" },
  { name: "state", word: say("state"), value: state },
  { name: "purpose", word: say("purpose"), value: ({ isVisit, fact }) => (isVisit ? (fact.shown as Visit).purpose : "") },
  { name: "note", word: say("note"), value: ({ fact }) => fact.shown.note },
];

const degrees = (e6: number): number => e6 / 1e6;
const metres = (mm: number | null): number | null => (mm === null ? null : mm / 1000);

/** A point for each visit with a position, as RFC 7946 wants it: WGS-84, the longitude first. No position of a customer stands in it. */
function geoJson(steps: readonly Step[]): unknown {
  const placed = steps.filter(({ at }) => at !== null);
  const points = placed.map((step) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [degrees(step.at!.longitude_e6), degrees(step.at!.latitude_e6)] },
    properties: {
      number: step.number,
      time: new Date(step.fact.first.occurred_ms).toISOString(),
      received: new Date(step.fact.first.received_ms).toISOString(),
      customer: customer(step),
      verdict: verdict(step),
      reasons: why(step),
      accuracy_m: metres(visitOf(step)!.accuracy_mm),
      distance_m: metres(visitOf(step)!.distance_mm),
      stayed_min: minutes(step.stayedMs),
      between_min: minutes(step.gapMs),
      state: state(step),
    },
  }));
  return { type: "FeatureCollection", features: points };
}

export function Paper({ title, steps }: { readonly title: string; readonly steps: readonly Step[] }): JSX.Element {
  const save = (): void => saveFile(`${title}.geojson`, new TextEncoder().encode(JSON.stringify(geoJson(steps), null, 1)), MEDIA);
  return (
    <div class="buttons paper">
      <Export title={title} columns={columns()} rows={steps} />
      <button class="small" disabled={!steps.some(({ at }) => at !== null)} onClick={save}>
        {say("geo_json")}
      </button>
    </div>
  );
}
