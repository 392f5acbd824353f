/** How a request fails: refused by the server with a remedy, or without an answer. */

import { REMEDIES, type Code, type Remedy } from "../generated/schema.ts";

/** A refusal as the server meant it. `remedy` says what the app does now; `retryAtMs` when a locked sign-in opens again. */
export class Problem extends Error {
  /** One of `Code`, or a code of a newer server. */
  readonly code: string;
  readonly remedy: Remedy;
  readonly field: string | null;
  readonly retryAtMs: number | null;

  constructor(code: string, words: string, field: string | null = null, remedy?: Remedy, retryAtMs: number | null = null) {
    super(words);
    this.name = "Problem";
    this.code = code;
    this.remedy = REMEDIES[code as Code] ?? remedy ?? "retry";
    this.field = field;
    this.retryAtMs = retryAtMs;
  }
}

/** No answer came: the server may or may not have taken the request; the same request again is safe. */
export class UnreachableError extends Error {
  constructor(words: string) {
    super(words);
    this.name = "UnreachableError";
  }
}

const REMEDY_NAMES: readonly string[] = [...new Set(Object.values(REMEDIES))];

interface Told {
  readonly code?: unknown;
  readonly remedy?: unknown;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field?: string }[];
  readonly retry_at_ms?: number | null;
}

/**
 * The refusal in the body of an answer. An answer that is no problem document came from something in between, and tells nothing of the
 * request: that is an UnreachableError.
 */
export function problemIn(status: number, bytes: Uint8Array): Problem | UnreachableError {
  const told = read(bytes);
  if (typeof told.code !== "string" || told.code === "") {
    return new UnreachableError(`HTTP status ${status} from something between this phone and the server`);
  }
  const known = REMEDY_NAMES.includes(told.remedy as string) ? (told.remedy as Remedy) : undefined;
  const words = told.detail || told.title || `HTTP status ${status}`;
  return new Problem(told.code, words, told.errors?.[0]?.field ?? null, known, told.retry_at_ms ?? null);
}

function read(bytes: Uint8Array): Told {
  try {
    const told: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return told !== null && typeof told === "object" ? told : {};
  } catch {
    return {};
  }
}
