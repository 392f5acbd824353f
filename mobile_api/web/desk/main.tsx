/** The manager's desk. */

import type { JSX } from "preact";
import { Role } from "../client/src/index.ts";
import { speaker } from "../shell/language.ts";
import { LanguageSwitch } from "../shell/parts.tsx";
import { signOut } from "../shell/notices/push.ts";
import { signedIn } from "../shell/phone.ts";
import { use } from "../shell/registry.ts";
import { SERVER } from "../shell/router.ts";
import { Screens } from "../shell/screens.tsx";
import { start } from "../shell/start.tsx";
import { Away } from "./away.tsx";
import { FEATURES } from "./features.ts";

const zh = {
  title: "Outrider 工作台",
  for_managers: "工作台只供经理使用",
  for_managers_lead: "此账号没有团队。业务员请使用 Outrider 应用。",
  to_app: "打开业务员应用",
  sign_out: "退出登录",
} as const;

const en: Record<keyof typeof zh, string> = {
  title: "Outrider Desk",
  for_managers: "The desk is for managers",
  for_managers_lead: "This account has no team. Reps work with the Outrider app.",
  to_app: "Open the rep's app",
  sign_out: "Sign out",
};

const say = speaker({ zh, en });

/** A rep has signed in here: the app is elsewhere. */
function ForManagers(): JSX.Element {
  return (
    <main class="door">
      <LanguageSwitch />
      <div class="hero">
        <span class="logo big" aria-hidden="true" />
        <h1 tabIndex={-1}>{say("for_managers")}</h1>
        <p>{say("for_managers_lead")}</p>
        <a class="button primary" href={new URL("app/", SERVER).pathname}>
          {say("to_app")}
        </a>
        <button onClick={() => void signOut()}>{say("sign_out")}</button>
      </div>
    </main>
  );
}

function Desk(): JSX.Element {
  return signedIn.value?.role === Role.rep ? <ForManagers /> : <Screens name="Outrider" notice={<Away />} />;
}

use(FEATURES);
void start(() => say("title"), Desk);
