/** The start of an app: one window, the phone, then sign-in, first sync or the app's own screens. */

import { render, type ComponentChildren, type ComponentType, type JSX } from "preact";
import { count } from "./format.ts";
import { chooseLanguage, language } from "./language.ts";
import { hearWorker } from "./news.ts";
import { keepPush } from "./notices/push.ts";
import { LanguageSwitch, Trouble, UpdateNotice } from "./parts.tsx";
import { APP, online, open, phone, progress, signedIn, sync, syncedMs } from "./phone.ts";
import { SignIn } from "./signin.tsx";
import { alone } from "./single.ts";
import { say } from "./texts.ts";
import { register } from "./update.ts";

const ASKED = "outrider.take-over";

interface Apart {
  readonly title: string;
  readonly lead: string;
  readonly children?: ComponentChildren;
}

/** A screen that stands apart from the app's own. */
function Door({ title, lead, children }: Apart): JSX.Element {
  return (
    <main class="door">
      <LanguageSwitch />
      <div class="hero">
        <span class="logo big" aria-hidden="true" />
        <h1 tabIndex={-1}>{title}</h1>
        <p>{lead}</p>
        {children}
        <UpdateNotice />
      </div>
    </main>
  );
}

function FirstSync(): JSX.Element {
  const [here, there] = progress.value;
  const away = !online.value;
  return (
    <Door title={say("first_sync")} lead={say(away ? "first_sync_away" : "first_sync_lead")}>
      <progress aria-label={say("first_sync")} {...(there > 0 ? { value: here, max: there } : {})} />
      <p role="status" aria-live="polite">
        {there > 0 ? say("first_sync_count", { n: count(here), of: count(there) }) : ""}
      </p>
      {away && (
        <button class="primary" onClick={() => void sync(true)}>
          {say("try_now")}
        </button>
      )}
    </Door>
  );
}

function Elsewhere({ takeOver }: { readonly takeOver: () => void }): JSX.Element {
  return (
    <Door title={say("elsewhere")} lead={say("elsewhere_lead")}>
      <button class="primary" onClick={takeOver}>
        {say("use_here")}
      </button>
    </Door>
  );
}

/** Without locks two windows could give two entries one number, so that none begins. */
function Insecure(): JSX.Element {
  return <Door title={say("insecure")} lead={say("insecure_lead")} />;
}

function Unreadable(): JSX.Element {
  return (
    <Door title={say("failed_open")} lead="">
      <Trouble told={{ happened: "", means: "", next: say("failed_open_next") }} />
      <button class="primary" onClick={() => location.reload()}>
        {say("reload")}
      </button>
    </Door>
  );
}

/** A window that lost its phone begins anew when the person wants it back, and takes over without asking twice. */
function askAgain(): void {
  sessionStorage.setItem(ASKED, "1");
  location.reload();
}

function askedBefore(): boolean {
  const asked = sessionStorage.getItem(ASKED) !== null;
  sessionStorage.removeItem(ASKED);
  return asked;
}

/** Where no text can be had: the network went away between the first answer and the next. */
function Wordless(): JSX.Element {
  return (
    <main class="door">
      <h1>Outrider</h1>
      <p lang="zh-CN">网络中断</p>
      <p lang="en">The network is away</p>
      <button class="primary" onClick={() => location.reload()}>
        <span lang="zh-CN">重新加载</span> · <span lang="en">Load again</span>
      </button>
    </main>
  );
}

/** `title` names the app on its sign-in; `App` draws the screens of a phone that is signed in and was in step once. */
export async function start(title: () => string, App: ComponentType): Promise<void> {
  const root = document.getElementById("root")!;
  register().catch(() => undefined); // a browser without workers: the app works while there is a network
  try {
    await chooseLanguage(language.value);
  } catch {
    return render(<Wordless />, root);
  }
  document.title = title();
  if ((navigator as Partial<Navigator>).locks === undefined) return render(<Insecure />, root);
  hearWorker();
  keepPush();
  // a page that the browser had put aside has neither the lock any more nor, perhaps, the same user
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  const elsewhere = (takeOver: () => void): void => render(<Elsewhere takeOver={takeOver} />, root);
  await alone(APP, askedBefore() ? (takeOver) => takeOver() : elsewhere, async () => {
    elsewhere(askAgain);
    await phone.close();
  });
  const Shell = (): JSX.Element => {
    if (signedIn.value === null) return <SignIn title={title} />;
    return syncedMs.value === null ? <FirstSync /> : <App />;
  };
  try {
    await open();
    render(<Shell />, root);
    performance.mark("shown");
  } catch {
    render(<Unreadable />, root);
  }
}

/** Navigation, notices and one screen. */
export function Frame({ tabs, children }: { readonly tabs: JSX.Element; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="frame">
      {tabs}
      <div class="screen">
        <UpdateNotice />
        {children}
      </div>
    </div>
  );
}
