/** The pool: masked cards by distance, claimed with or without a network. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { tell } from "../../shell/entering.ts";
import { Icon } from "../../shell/icons.tsx";
import { Avatar, Empty, LongList, TopBar, Trouble } from "../../shell/parts.tsx";
import { one, phone, sync } from "../../shell/phone.ts";
import { fix, watchPosition } from "../../shell/position.ts";
import { told, type Told } from "../../shell/problems.ts";
import { href } from "../../shell/router.ts";
import type { PoolCard } from "../../client/src/index.ts";
import { heldWords, holder } from "./held.ts";
import { CardSheet, Holds } from "./hold.tsx";
import { claim, claiming, farWords, lineOf, nameOf, nearest, refusedWords, type Listed } from "./look.ts";
import { say } from "./texts.ts";
import { Won } from "./won.tsx";

const ROW_PX = 84;

/** The button of a card, or the word that its claim waits. */
export function Claim({ card, onTold }: { readonly card: PoolCard; readonly onTold: (told: Told | null) => void }): JSX.Element {
  if (claiming(card)) return <span class="chip wait">{say("claiming")}</span>;
  if (holder(card) === "other") return <span class="chip">{say("held")}</span>;
  return (
    <button class="small outlined" aria-label={say("claim_of", { name: nameOf(card) })} onClick={() => void claim(card).then(onTold)}>
      {say("claim")}
    </button>
  );
}

interface OfRow {
  readonly listed: Listed;
  readonly onTold: (told: Told | null) => void;
  readonly onOpen: (card: PoolCard) => void;
}

/** A card: it opens, and is claimed. */
export function CardRow({ listed: { card, awayMm }, onTold, onOpen }: OfRow): JSX.Element {
  const held = heldWords(card);
  const refused = held !== "" || claiming(card) ? "" : refusedWords(card);
  return (
    <div class="row">
      <Line to={claiming(card) ? `customers/${card.id}` : null} name={nameOf(card)} onOpen={() => onOpen(card)}>
        <Avatar name={nameOf(card)} city={card.city ?? ""} />
        <span class="grow">
          <b>{nameOf(card)}</b>
          <small>{lineOf(card)}</small>
          <small>{[held || farWords(awayMm, card), refused].filter(Boolean).join(" · ")}</small>
        </span>
      </Line>
      <Claim card={card} onTold={onTold} />
    </div>
  );
}

interface OfLine {
  readonly to: string | null;
  readonly name: string;
  readonly onOpen: () => void;
  readonly children: ComponentChildren;
}

/** A card opens its sheet, and leads to the page of its customer once somebody here claimed it. */
function Line({ to, name, onOpen, children }: OfLine): JSX.Element {
  if (to !== null)
    return (
      <a class="grow opens" href={href(to)}>
        {children}
      </a>
    );
  return (
    <button class="bare grow opens" aria-haspopup="dialog" onClick={onOpen}>
      <span class="unseen">{say("card_of", { name })}</span>
      {children}
    </button>
  );
}

async function askAround(): Promise<Told | null> {
  if (fix.value === null) return { happened: say("no_fix"), means: say("no_fix_means"), next: say("no_fix_next") };
  try {
    await phone.keepTile(fix.value);
  } catch (error) {
    return told(error);
  }
  tell({ text: say("around_asked") });
  void sync(true);
  return null;
}

export function PoolScreen(): JSX.Element {
  const [wrong, setWrong] = useState<Told | null>(null);
  const [opened, setOpened] = useState<PoolCard | null>(null);
  useEffect(watchPosition, []);
  const listed = nearest();
  return (
    <>
      <TopBar title={say("pool")} before="me" />
      <main>
        {listed.length > 0 && <p class="lead">{say("lead")}</p>}
        {wrong !== null && <Trouble told={wrong} />}
        <Won />
        <Holds onTold={setWrong} />
        {listed.length === 0 && <Empty icon="pool">{say("empty")}</Empty>}
        {listed.length > 0 && (
          <LongList
            items={listed}
            height={ROW_PX}
            row={(one) => <CardRow listed={one} onTold={setWrong} onOpen={setOpened} />}
            keyed={({ card }) => card.id}
            label={say("pool")}
          />
        )}
        <button class="wide" onClick={() => void askAround().then(setWrong)}>
          <Icon name="target" /> {say("around")}
        </button>
      </main>
      {opened !== null && <CardSheet card={one("pool_card", opened.id) ?? opened} onClose={() => setOpened(null)} />}
    </>
  );
}
