/** MessagePack, records, ids, texts and refusals by Python's vectors. */

import { REMEDIES, type Code, type EntityName } from "../src/generated/schema.ts";
import { TITLES_EN, TITLES_ZH } from "../src/generated/words.ts";
import { afterAnswer, afterLoss } from "../src/phone/pace.ts";
import { problemIn, UnreachableError } from "../src/phone/problem.ts";
import { bodyOut, entityOf, type Entity } from "../src/sync/entity.ts";
import { decode, Malformed } from "../src/wire/decode.ts";
import { encode } from "../src/wire/encode.ts";
import { mutationBytes, readAnswer, readMutation, requestBytes, type Mutation, type SyncRequest } from "../src/wire/envelopes.ts";
import { bytesText, idBytes, idText, isId, textBytes } from "../src/wire/ids.ts";
import { byCodePoint, cleanText, controlIn, plain, searched, shown, typed } from "../src/wire/text.ts";
import { hex, play, raw, type Given } from "./vectors.ts";

const entity = (name: string): Entity => entityOf(name as EntityName) as unknown as Entity;

play("ids", {
  "shared_schema.twin:id_text": (given) => idText(raw(given["raw"])),
  "shared_schema.twin:id_bytes": ({ text }) => (isId(text) ? hex(idBytes(text)) : null),
  "shared_schema.twin:bytes_text": (given) => bytesText(raw(given["raw"])),
  "shared_schema.twin:text_bytes": ({ text }) => hex(textBytes(text)),
});

play("text", {
  "shared_schema.text:typed": ({ text }) => typed(text),
  "shared_schema.text:plain": ({ text }) => plain(text),
  "shared_schema.text:searched": ({ text }) => searched(text),
  "shared_schema.text:control_in": ({ text }) => controlIn(text),
  "shared_schema.text:shown": ({ text }) => shown(text),
  "shared_schema.text:clean_text": ({ text }) => cleanText(text),
  order: ({ left, right }) => Math.sign(byCodePoint(left, right)),
});

play("codec", {
  value: ({ bytes }) => {
    const value = decode(raw(bytes));
    if (hex(encode(value)) !== bytes) throw new Error(`${bytes} is written as ${hex(encode(value))}`);
    return value;
  },
  record: ({ entity: name, bytes }) => ({ record: entity(name).read(raw(bytes)), unread: [...entity(name).unread(raw(bytes))].sort() }),
  body: ({ entity: name, values }) => hex(encode(bodyOut(entity(name), values))),
  mutation: ({ mutation }) => {
    const one = { ...mutation, body: raw(mutation.body) } as Mutation;
    const written = mutationBytes(one);
    const read = { ...readMutation(written), body: hex(readMutation(written).body) };
    if (JSON.stringify(sorted(read)) !== JSON.stringify(sorted(mutation))) throw new Error(`it is read as ${JSON.stringify(read)}`);
    return hex(written);
  },
  request: ({ request }) =>
    hex(requestBytes({ ...request, cursor: raw(request.cursor), mutations: request.mutations.map(raw) } as SyncRequest)),
  answer: ({ bytes }) => {
    const answer = readAnswer(raw(bytes));
    const pages = answer.pages.map((page) => ({ ...page, rows: page.rows.map((row) => ({ ...row, body: hex(row.body) })) }));
    return { ...answer, answers: hex(answer.answers), cursor: hex(answer.cursor), pages };
  },
  broken: ({ bytes }) => {
    try {
      return decode(raw(bytes)) ?? "nil";
    } catch (error) {
      if (error instanceof Malformed || error instanceof TypeError) return null;
      throw error;
    }
  },
});

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const named = value as Given;
  return Object.fromEntries(
    Object.keys(named)
      .sort()
      .map((key) => [key, sorted(named[key])]),
  );
}

play("refusals", {
  refusal: ({ status, body }) => {
    const told = problemIn(status, raw(body));
    if (told instanceof UnreachableError) return null;
    return { code: told.code, remedy: told.remedy, words: told.message, field: told.field, retry_at_ms: told.retryAtMs };
  },
  "shared_schema.titles:title": ({ code, language }) => (language === "zh" ? TITLES_ZH : TITLES_EN)[code as Code],
  remedy: ({ code }) => REMEDIES[code as Code],
});

play("pace", {
  "mobile_api.phone.pace:after_loss": ({ page_bytes }) => afterLoss(page_bytes),
  "mobile_api.phone.pace:after_answer": ({ page_bytes, took_ms }) => afterAnswer(page_bytes, took_ms),
});
