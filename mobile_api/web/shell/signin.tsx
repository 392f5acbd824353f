/** Sign in with a password or a one-time code; what was entered before stays in the queue. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { invited } from "./invited.ts";
import { phone, revoked, signedInAnew, syncedMs, waiting } from "./phone.ts";
import { LanguageSwitch, Trouble, UpdateNotice } from "./parts.tsx";
import { told, type Told } from "./problems.ts";
import { say } from "./texts.ts";

type Way = "password" | "code";

interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "password";
  readonly autocomplete: string;
  readonly hint?: string;
  readonly value?: string;
}

function Field({ name, label, type = "text", autocomplete, hint, value = "" }: FieldOptions): JSX.Element {
  const given = { name, autocomplete, required: true, autocapitalize: "off", spellcheck: false, defaultValue: value } as const;
  return (
    <label>
      {label}
      {type === "password" ? <input {...given} type="password" /> : <input {...given} type="text" />}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

/** Whoever signs in next may be another user: no name is said, and no number. */
function Notices(): JSX.Element | null {
  if (revoked.value) return <Trouble told={{ happened: say("revoked"), means: say("revoked_means"), next: say("revoked_next") }} />;
  if (syncedMs.value === null && waiting.value === 0) return null;
  return (
    <p class="notice" role="status">
      {say(waiting.value > 0 ? "session_over_waiting" : "session_over")}
    </p>
  );
}

async function begin(way: Way, form: FormData): Promise<void> {
  const word = (name: string): string => String(form.get(name) ?? "");
  const organisation = word("organisation").trim();
  if (way === "code") await phone.enrol({ organisation, code: word("code").trim() }, deviceName());
  else await phone.signIn({ organisation, account: word("account").trim(), password: word("password") }, deviceName());
}

/** As the admin reads it in the list of devices. */
function deviceName(): string {
  const system = /(Android|iPhone|iPad|Windows|Mac OS|Linux)/.exec(navigator.userAgent)?.[1] ?? "";
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)/.exec(navigator.userAgent)?.[1] ?? "";
  return [browser, system].filter(Boolean).join(", ");
}

export function SignIn({ title }: { readonly title: () => string }): JSX.Element {
  const [way, setWay] = useState<Way>(revoked.value || invited.code !== "" ? "code" : "password");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Told | null>(null);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setWrong(null);
    begin(way, new FormData(event.currentTarget))
      .then(signedInAnew)
      .catch((error: unknown) => setWrong(told(error, true)))
      .finally(() => setBusy(false));
  };
  return (
    <main class="door">
      <LanguageSwitch />
      <div class="hero">
        <span class="logo big" aria-hidden="true" />
        <h1 tabIndex={-1}>{title()}</h1>
        <p>{say("tagline")}</p>
      </div>
      <div class="card">
        <UpdateNotice />
        <Notices />
        <div class="segmented" role="group" aria-label={say("way")}>
          {(["password", "code"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={way === one} onClick={() => setWay(one)}>
              {say(one === "password" ? "by_password" : "by_code")}
            </button>
          ))}
        </div>
        <form onSubmit={submit}>
          <Field name="organisation" label={say("organisation")} autocomplete="organization" value={invited.organisation} />
          {way === "password" && <Field name="account" label={say("account")} autocomplete="username" />}
          {way === "password" && <Field name="password" label={say("password")} type="password" autocomplete="current-password" />}
          {way === "code" && (
            <Field name="code" label={say("code")} autocomplete="one-time-code" hint={say("code_hint")} value={invited.code} />
          )}
          {wrong !== null && <Trouble told={wrong} />}
          <button class="primary wide" disabled={busy}>
            {say(busy ? "signing_in" : "sign_in")}
          </button>
        </form>
      </div>
    </main>
  );
}
