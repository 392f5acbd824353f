/** The first screen of who follows up no customers: what the role does, and the places that the matrix gives it (D-491). */

import type { JSX } from "preact";
import { Role } from "../../client/src/index.ts";
import { forThis } from "../../shell/feature.ts";
import { Icon } from "../../shell/icons.tsx";
import { speaker } from "../../shell/language.ts";
import { signedIn } from "../../shell/phone.ts";
import { features } from "../../shell/registry.ts";
import { href } from "../../shell/router.ts";

const zh = {
  assistant: "你为本部门录入和更正客户与联系人，并可导入表格。客户归谁负责由经理决定。",
  finance: "你可以查看全公司的客户、报价和价格。",
} as const;

const en: Record<keyof typeof zh, string> = {
  assistant: "You enter, correct and import customers and contacts of your department. Managers decide whose a customer is.",
  finance: "You read customers, quotes and prices of the whole organisation.",
};

const say = speaker({ zh, en });

export function OfficeBoard(): JSX.Element {
  const places = forThis(features().places).filter(({ to }) => to !== "board");
  return (
    <main class="board">
      <p class="lead">{say(signedIn.value?.role === Role.finance ? "finance" : "assistant")}</p>
      <div class="card list">
        {places.map(({ to, icon, word }) => (
          <a key={to} class="row" href={href(to)}>
            <Icon name={icon} />
            <b>{word()}</b>
          </a>
        ))}
      </div>
    </main>
  );
}
