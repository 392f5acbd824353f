/** The device itself: who, which language, how much is here, whether it is safe; what both apps have on their last screen. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ago, count } from "./format.ts";
import { language, speaker } from "./language.ts";
import { forThis, type Feature } from "./feature.ts";
import { askProtection, install, installable, installed, protectedHere } from "./install.ts";
import { EraseDevice } from "./erasing.tsx";
import { signOut } from "./notices/push.ts";
import { Avatar, Places, speak, TopBar, Trouble } from "./parts.tsx";
import { online, phone, signedIn, state, sync, syncedMs, trouble, VERSION, waiting } from "./phone.ts";
import { told } from "./problems.ts";
import { features } from "./registry.ts";
import { say as shared } from "./texts.ts";

const zh = {
  me: "我的",
  language: "语言",
  waiting: "待发送",
  nothing_waits: "没有，全部已送达",
  last_sync: "上次同步",
  storage: "本机数据",
  records: "{n} 条记录",
  safe: "受保护，浏览器不会自行清除",
  unsafe: "未受保护：长期不用时，浏览器可能清除这里的数据。",
  install: "安装应用",
  install_by_menu: "在浏览器菜单中选择“添加到主屏幕”，从那里打开即受保护。",
  protect: "请求保护",
  protect_refused: "浏览器暂时不同意。安装到主屏幕后通常会同意。",
  this_device: "这部设备",
  device: "{user} · 第 {line} 号设备",
  version: "版本",
  sync_now: "立即同步",
  sign_out: "退出登录",
  sign_out_lead: "退出后，你的数据仍保留在这部设备上，只有你再次登录才能看到；其他用户可以在此登录。",
  sign_out_waiting: "退出后，你的数据和 {n} 条待发送的内容仍保留在这部设备上，你再次登录后自动发送；其他用户可以在此登录，但看不到它们。",
} as const;

const en: Record<keyof typeof zh, string> = {
  me: "Me",
  language: "Language",
  waiting: "Waiting",
  nothing_waits: "nothing, all is sent",
  last_sync: "Last synced",
  storage: "Data here",
  records: "{n} {n:record|records}",
  safe: "protected: the browser does not clear it by itself",
  unsafe: "Not protected: the browser may clear the data here when the app is not used for long.",
  install: "Install the app",
  install_by_menu: "Choose “Add to home screen” in the browser's menu, and open the app from there: then it is protected.",
  protect: "Ask for protection",
  protect_refused: "The browser does not agree yet. Once the app is on the home screen it usually does.",
  this_device: "This device",
  device: "{user} · device no. {line}",
  version: "Version",
  sync_now: "Sync now",
  sign_out: "Sign out",
  sign_out_lead: "After signing out, your data stay on this device for you alone. Others can sign in here.",
  sign_out_waiting: "After signing out, your data and what waits ({n}) stay on this device for you alone. Others can sign in here.",
};

const say = speaker({ zh, en });

function LanguageChoice(): JSX.Element {
  return (
    <dd>
      <div class="segmented" role="group" aria-label={say("language")}>
        <button aria-pressed={language.value === "zh"} lang="zh" onClick={() => speak("zh")}>
          中文
        </button>
        <button aria-pressed={language.value === "en"} lang="en" onClick={() => speak("en")}>
          English
        </button>
      </div>
    </dd>
  );
}

/** Whether the browser may clear the data here, and the way to protection where there is one. */
function Protection(): JSX.Element {
  const [safe, setSafe] = useState<boolean | null>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => void protectedHere().then(setSafe), []);
  const ask = (): void =>
    void askProtection().then((granted) => {
      setSafe(granted);
      setRefused(!granted);
    });
  return (
    <dd>
      {say("records", { n: count(phone.shelf.rows.size) })}
      {safe !== null && <small>{say(safe ? "safe" : "unsafe")}</small>}
      {safe === false && refused && <small>{say("protect_refused")}</small>}
      {safe === false && !refused && (
        <button class="small" onClick={ask}>
          {say("protect")}
        </button>
      )}
      {safe === false && installable() && (
        <button class="small" onClick={() => void install()}>
          {say("install")}
        </button>
      )}
      {safe === false && !installable() && !installed() && <small>{say("install_by_menu")}</small>}
    </dd>
  );
}

function Facts(): JSX.Element {
  const words = waiting.value > 0 ? shared("waits", { n: waiting.value }) : say("nothing_waits");
  return (
    <dl class="card facts own-device">
      <div>
        <dt>{say("waiting")}</dt>
        <dd>{words}</dd>
      </div>
      <div>
        <dt>{say("last_sync")}</dt>
        <dd>{syncedMs.value === null ? shared("never_synced") : ago(syncedMs.value)}</dd>
      </div>
      <div>
        <dt>{say("this_device")}</dt>
        <dd>{say("device", { user: signedIn.value?.name ?? "", line: phone.seat.line_no })}</dd>
      </div>
      <div>
        <dt>{say("storage")}</dt>
        <Protection />
      </div>
      <div>
        <dt>{say("language")}</dt>
        <LanguageChoice />
      </div>
      <div>
        <dt>{say("version")}</dt>
        <dd>{VERSION}</dd>
      </div>
    </dl>
  );
}

function Me(): JSX.Element {
  const name = signedIn.value?.name ?? "";
  const busy = state.value === "syncing";
  return (
    <>
      <TopBar title={say("me")} />
      <main>
        <section class="who">
          <Avatar name={name} large />
          <h2>{name}</h2>
        </section>
        {trouble.value !== null && !busy && <Trouble told={told(trouble.value)} calm={!online.value} />}
        <Places places={forThis(features().more)} />
        <Facts />
        <button class="primary wide" disabled={busy} onClick={() => void sync(true)}>
          {busy ? shared("syncing") : online.value ? say("sync_now") : shared("try_now")}
        </button>
        <button class="wide" onClick={() => void signOut()}>
          {say("sign_out")}
        </button>
        <p class="lead">{say(waiting.value > 0 ? "sign_out_waiting" : "sign_out_lead", { n: waiting.value })}</p>
        <EraseDevice />
      </main>
    </>
  );
}

/** Entries on their way wait for nobody, and the bell counts notices. */
const APART = ["outbox", "notices"];

/** What waits for the person in the places behind this one. */
function behind(): number {
  return features().more.reduce((sum, place) => sum + (APART.includes(place.to) ? 0 : (place.badge?.() ?? 0)), 0);
}

export const ME: Feature = {
  screens: { me: Me },
  places: [{ order: 90, to: "me", icon: "me", word: () => say("me"), badge: behind }],
};
