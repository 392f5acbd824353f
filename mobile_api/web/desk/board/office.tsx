/** The first screen of who follows up no customers: the places that the matrix gives the role, each with what is done there (D-491). */

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
  finance: "你可以查看全公司的客户、报价和价格。客户资料由业务员、经理和助理维护。",
  customers: "查找客户、联系人和报价",
  imports: "从表格带入客户和联系人",
  catalogue: "产品、价目表和价格",
} as const;

const en: Record<keyof typeof zh, string> = {
  assistant: "You enter and correct the customers and contacts of your department, also from a file. Managers decide whose a customer is.",
  finance: "You read the customers, quotes and prices of the whole organisation. Reps, managers and assistants keep the customers.",
  customers: "Find customers, their contacts and quotes",
  imports: "Bring customers and contacts over from a file",
  catalogue: "Products, price books and prices",
};

const say = speaker({ zh, en });
type Hinted = "customers" | "imports" | "catalogue";
const isHinted = (to: string): to is Hinted => ["customers", "imports", "catalogue"].includes(to);

export function OfficeBoard(): JSX.Element {
  const role = signedIn.value?.role === Role.finance ? "finance" : "assistant";
  const places = forThis(features().places).filter(({ to }) => isHinted(to));
  return (
    <main class="board">
      <p class="lead">{say(role)}</p>
      <div class="card list">
        {places.map(({ to, icon, word }) => (
          <a key={to} class="row" href={href(to)}>
            <Icon name={icon} />
            <span class="grow">
              <b>{word()}</b>
              <small>{isHinted(to) && say(to)}</small>
            </span>
          </a>
        ))}
      </div>
    </main>
  );
}
