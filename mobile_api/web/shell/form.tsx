/** The fields of every form: one label, one line of what is wrong, large enough for a thumb. */

import type { ComponentChildren, JSX, TargetedEvent, TargetedSubmitEvent } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { useDraft } from "./draft.ts";
import { dayOf } from "./format.ts";
import { Trouble } from "./parts.tsx";
import type { Told } from "./problems.ts";
import { say } from "./texts.ts";

const DAY_MS = 86_400_000;

interface Labelled {
  readonly label: string;
  readonly name: string;
}

interface TextGiven extends Labelled {
  readonly value?: string;
  readonly most?: number;
  readonly lines?: number;
  readonly mode?: "text" | "tel" | "email" | "decimal" | "numeric";
  readonly needed?: boolean;
  readonly first?: boolean;
  readonly hint?: string;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** A field that must be filled says so in the app's language: the browser's bubble speaks the phone's. */
const asked = {
  onInvalid: ({ currentTarget: field }: TargetedEvent<Field>): void => {
    if (field.validity.valueMissing) field.setCustomValidity(say("needed"));
  },
  onInput: ({ currentTarget: field }: TargetedEvent<Field>): void => {
    field.setCustomValidity("");
  },
};

export function TextField({ label, name, value = "", most = 200, lines = 1, mode = "text", needed, first, hint }: TextGiven): JSX.Element {
  const common = { name, maxLength: most, required: needed === true, autofocus: first === true, defaultValue: value, ...asked };
  return (
    <label class="field">
      <span>{label}</span>
      {lines > 1 ? <textarea {...common} rows={lines} /> : <input {...common} inputMode={mode} autocomplete="off" />}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

interface ChoiceGiven<T extends string | number> extends Labelled {
  readonly choices: readonly (readonly [value: T, word: string])[];
  readonly value: T;
  readonly onChoose?: (value: T) => void;
}

/** One of a few, all seen at once. */
export function ChoiceField<T extends string | number>({ label, name, choices, value, onChoose }: ChoiceGiven<T>): JSX.Element {
  return (
    <fieldset class="field choices">
      <legend>{label}</legend>
      {choices.map(([one, word]) => (
        <label key={one}>
          <input type="radio" name={name} value={one} defaultChecked={one === value} onChange={() => onChoose?.(one)} />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectGiven<T extends string | number> extends Omit<ChoiceGiven<T>, "value" | "onChoose"> {
  readonly value: T | "";
  /** Nothing may be chosen at first, and something must be at last. */
  readonly needed?: boolean;
  readonly onChoose?: (value: string) => void;
}

/** One of many, in the platform's own list. */
export function SelectField<T extends string | number>({ label, name, choices, value, needed, onChoose }: SelectGiven<T>): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name} required={needed === true} onChange={(event) => onChoose?.(event.currentTarget.value)} {...asked}>
        {needed === true && (
          <option value="" selected={value === ""}>
            {say("choose_one")}
          </option>
        )}
        {choices.map(([one, word]) => (
          <option key={one} value={one} selected={one === value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A day as days since 1970, by the platform's own calendar. */
export function DayField({ label, name, day }: Labelled & { readonly day: number | null }): JSX.Element {
  const value = day === null ? "" : new Date(day * DAY_MS).toISOString().slice(0, 10);
  return (
    <label class="field">
      <span>{label}</span>
      <input type="date" name={name} defaultValue={value} />
    </label>
  );
}

const MINUTES = 60;

/** A minute of the day, by the platform's own clock; null: none. */
export function TimeField({ label, name, minute }: Labelled & { readonly minute: number | null }): JSX.Element {
  const two = (number: number): string => String(number).padStart(2, "0");
  const value = minute === null ? "" : `${two(Math.floor(minute / MINUTES))}:${two(minute % MINUTES)}`;
  return (
    <label class="field">
      <span>{label}</span>
      <input type="time" name={name} defaultValue={value} />
    </label>
  );
}

interface TicksGiven extends Labelled {
  readonly choices: readonly (readonly [value: string, word: string, ticked: boolean])[];
  readonly hint: string;
}

/** Any of a few, below each other. */
export function TicksField({ label, name, choices, hint }: TicksGiven): JSX.Element {
  return (
    <fieldset class="field ticks">
      <legend>{label}</legend>
      {choices.map(([value, word, ticked]) => (
        <label key={value}>
          <input type="checkbox" name={name} value={value} defaultChecked={ticked} />
          <span>{word}</span>
        </label>
      ))}
      <small>{hint}</small>
    </fieldset>
  );
}

/** What a form holds, read by the names of its fields. */
export class Written {
  private readonly form: FormData;

  constructor(form: HTMLFormElement) {
    this.form = new FormData(form);
  }

  text(name: string): string {
    return String(this.form.get(name) ?? "")
      .normalize("NFC")
      .trim();
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  /** The values that are ticked. */
  all(name: string): string[] {
    return this.form.getAll(name).map(String);
  }

  /** A minute of the day; null when no time is chosen. */
  minute(name: string): number | null {
    const [hours, minutes] = this.text(name).split(":").map(Number);
    return minutes === undefined ? null : hours! * MINUTES + minutes;
  }

  /** Days since 1970; null when no day is chosen. */
  day(name: string): number | null {
    const text = this.text(name);
    return text === "" ? null : Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY_MS);
  }

  /** A typed decimal as an integer of its `digits`-th decimals; null when it is no such number. */
  decimal(name: string, digits: number): number | null {
    return decimalOf(this.text(name), digits);
  }
}

/** "1,234.5" → 123450 for two digits; null for anything that is no number of so many decimals. Never through a float. */
function decimalOf(text: string, digits: number): number | null {
  const found = /^(-?)(\d{1,13})(?:\.(\d*))?$/.exec(text.normalize("NFKC").replace(/[,\s]/g, ""));
  if (found === null || (found[3] ?? "").replace(/0+$/, "").length > digits) return null;
  const number = Number(found[2]! + (found[3] ?? "").slice(0, digits).padEnd(digits, "0"));
  return found[1] === "-" ? -number : number;
}

interface FormGiven {
  /** Stores what was written; null when it is done, else the reason why not. */
  readonly onSave: (written: Written) => Promise<Told | null> | Told | null;
  readonly onDone: () => void;
  readonly onCancel?: () => void;
  readonly saveWord?: string;
  /** What it does has no way back. */
  readonly grave?: boolean;
  /** Why it cannot be saved just now; what is written stays. */
  readonly locked?: string;
  readonly children: ComponentChildren;
}

/** A form with its buttons. A second touch while it saves does nothing. What is half written stays until it is saved or cancelled. */
export function Form({ onSave, onDone, onCancel, saveWord, grave, locked, children }: FormGiven): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const reason = useId();
  const draft = useDraft(form);
  const cancel = (): void => {
    draft.drop();
    onCancel?.();
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (busy || locked !== undefined) return;
    setBusy(true);
    void Promise.resolve(onSave(new Written(event.currentTarget))).then((why) => {
      setBusy(false);
      setWrong(why);
      if (why !== null) return;
      draft.drop();
      onDone();
    });
  };
  return (
    <form onSubmit={submit} onInput={draft.keepNow} ref={form}>
      {draft.isBack && (
        <p class="notice" role="status">
          <span class="grow">{say("draft_back")}</span>
          <button type="button" class="small" onClick={draft.afresh}>
            {say("draft_afresh")}
          </button>
        </p>
      )}
      {children}
      {wrong !== null && <Trouble told={wrong} />}
      {locked !== undefined && (
        <p class="notice off" role="status" id={reason}>
          {locked}
        </p>
      )}
      <div class="buttons">
        {onCancel !== undefined && (
          <button type="button" onClick={cancel}>
            {say("cancel")}
          </button>
        )}
        <button
          class={grave ? "danger" : "primary"}
          disabled={busy}
          {...(locked === undefined ? {} : { "aria-disabled": true, "aria-describedby": reason })}
        >
          {saveWord ?? say("save")}
        </button>
      </div>
    </form>
  );
}

export const today = (): number => dayOf(Date.now());
