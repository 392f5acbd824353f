/**
 * What is half written in a form: kept on this phone for its user while it is typed, until it is saved or cancelled. A touch beside the
 * form, the way back and a killed window lose nothing of it.
 */

import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { keep, kept } from "./kept.ts";
import { path } from "./router.ts";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
/** Name of a field → what stood in it, and what was written. */
type Draft = Record<string, readonly [stood: string, written: string]>;
type Marks = ReadonlyMap<string, string>;

const DRAFTS = "drafts";
/** The oldest goes first. */
const DRAFTS_MAX = 20;
const FIELDS = "input[name], textarea[name], select[name]";
const CHOSEN = "1";

export interface Drafting {
  /** What was written earlier stands in the form again. */
  readonly isBack: boolean;
  readonly keepNow: () => void;
  readonly drop: () => void;
  /** The form as it is without the draft. */
  readonly afresh: () => void;
}

const isChoice = (field: Field): field is HTMLInputElement => field.type === "radio" || field.type === "checkbox";
const nameOf = (field: Field): string => (isChoice(field) ? `${field.name}=${field.value}` : field.name);
const markOf = (field: Field): string => (isChoice(field) ? (field.checked ? CHOSEN : "") : field.value);

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>(FIELDS)].filter(({ type }) => type !== "file" && type !== "password");
}

const marksOf = (form: HTMLFormElement): Marks => new Map(fieldsOf(form).map((field) => [nameOf(field), markOf(field)]));

/** Writes as a person would, so that whoever listens hears it. */
function write(field: Field, mark: string): void {
  if (markOf(field) === mark) return;
  if (isChoice(field)) field.checked = mark === CHOSEN;
  else field.value = mark;
  if (isChoice(field) && !field.checked && field.type === "radio") return; // the one that is chosen instead tells
  for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
}

function read(): Record<string, Draft> {
  return JSON.parse(kept(DRAFTS) ?? "{}") as Record<string, Draft>;
}

function put(key: string, draft: Draft): void {
  const { [key]: _, ...others } = read();
  const all = Object.keys(draft).length === 0 ? Object.entries(others) : [...Object.entries(others), [key, draft] as const];
  keep(DRAFTS, JSON.stringify(Object.fromEntries(all.slice(-DRAFTS_MAX))));
}

/** The draft of one form: of this screen, under this heading. */
class Sketch {
  private readonly form: HTMLFormElement;
  private readonly key: string;
  private readonly start: Marks;

  constructor(form: HTMLFormElement) {
    this.form = form;
    this.key = `${path.peek()} ${form.closest("dialog")?.querySelector("h2")?.textContent ?? ""}`;
    this.start = marksOf(form);
  }

  private stood(field: Field): string {
    return this.start.get(nameOf(field)) ?? (isChoice(field) || !("defaultValue" in field) ? "" : field.defaultValue);
  }

  keep(): void {
    const written = fieldsOf(this.form).map((field) => [nameOf(field), [this.stood(field), markOf(field)]] as const);
    put(this.key, Object.fromEntries(written.filter(([, [stood, mark]]) => stood !== mark)));
  }

  drop(): void {
    put(this.key, {});
  }

  /** Where another value stands by now, what was written on the earlier one is not put over it. Whether there was anything. */
  bringBack(): boolean {
    const draft = read()[this.key];
    if (draft === undefined) return false;
    const fill = (): boolean[] =>
      fieldsOf(this.form).map((field) => {
        const [stood, mark] = draft[nameOf(field)] ?? [null, ""];
        if (stood !== this.stood(field)) return false;
        write(field, mark);
        return true;
      });
    setTimeout(fill); // fields that came with a choice
    return fill().includes(true);
  }

  afresh(): void {
    for (const field of fieldsOf(this.form)) write(field, this.stood(field));
    this.drop();
  }
}

/** Keeps what is written in the form, and brings back what was written before it went away. */
export function useDraft(form: RefObject<HTMLFormElement | null>): Drafting {
  const [isBack, setBack] = useState(false);
  const own = useMemo((): { sketch?: Sketch } => ({}), []);
  useLayoutEffect(() => {
    own.sketch = new Sketch(form.current!);
    setBack(own.sketch.bringBack());
  }, []);
  return {
    isBack,
    keepNow: () => own.sketch?.keep(),
    drop: () => own.sketch?.drop(),
    afresh: () => {
      own.sketch?.afresh();
      setBack(false);
    },
  };
}
