/** Giving a device away: everything that the app keeps here goes, of everybody, after a look at what would be lost. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { userName } from "../client/src/storage/users.ts";
import { eraseAll, others } from "./erase.ts";
import { speaker } from "./language.ts";
import { Sheet } from "./parts.tsx";
import { APP, phone, waiting } from "./phone.ts";
import { BASE } from "./router.ts";
import { say as shared } from "./texts.ts";

const zh = {
  erase: "清空这部设备",
  lead: "应用在这个浏览器里保存的一切都会删除：你的数据、在此登录过的其他用户的数据，以及应用本身的文件。服务器上的内容不受影响。",
  others: "此处有数据的其他用户：{n} 位。",
  mine: "你有 {n} 条内容尚未发送，清空后会丢失。",
  theirs: "其他用户有 {n} 条内容尚未发送，清空后会丢失。",
  nothing_lost: "没有尚未发送的内容。",
  erase_now: "全部清空",
} as const;

const en: Record<keyof typeof zh, string> = {
  erase: "Erase this device",
  lead: "All that this browser keeps goes: your data, those of others who signed in here, the app. The server keeps what it has.",
  others: "Other users with data here: {n}.",
  mine: "Your entries that are not sent would be lost: {n}.",
  theirs: "Entries of other users that are not sent would be lost: {n}.",
  nothing_lost: "Nothing waits to be sent.",
  erase_now: "Erase all",
};

const say = speaker({ zh, en });
/** The server is told of the sign-out if it answers by then. */
const SIGN_OUT_MS = 3_000;

async function erase(): Promise<void> {
  await Promise.race([phone.signOut(), phone.wait(SIGN_OUT_MS)]);
  await phone.close();
  await eraseAll(APP);
  location.replace(BASE);
}

function Asking({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [found, setFound] = useState<Awaited<ReturnType<typeof others>> | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => void others(APP, userName(phone.seat)).then(setFound), []);
  const begin = (): void => {
    setBusy(true);
    void erase();
  };
  const mine = waiting.value;
  return (
    <Sheet title={say("erase")} onClose={onClose}>
      <p>{say("lead")}</p>
      {found !== null && (
        <ul class="lead">
          {found.users > 0 && <li>{say("others", { n: found.users })}</li>}
          {mine > 0 && <li>{say("mine", { n: mine })}</li>}
          {found.unsent > 0 && <li>{say("theirs", { n: found.unsent })}</li>}
          {mine + found.unsent === 0 && <li>{say("nothing_lost")}</li>}
        </ul>
      )}
      <div class="buttons">
        <button onClick={onClose}>{shared("cancel")}</button>
        <button class="danger" disabled={busy || found === null} onClick={begin}>
          {say("erase_now")}
        </button>
      </div>
    </Sheet>
  );
}

export function EraseDevice(): JSX.Element {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button aria-haspopup="dialog" class="wide bare" onClick={() => setAsking(true)}>
        {say("erase")}…
      </button>
      {asking && <Asking onClose={() => setAsking(false)} />}
    </>
  );
}
