/** The holds in the pools of this manager, the newest first; one that is live may be ended (D-193, D-194). */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { PoolHoldState, type PoolHold } from "../../client/src/index.ts";
import { tell } from "../../shell/entering.ts";
import { Form } from "../../shell/form.tsx";
import { moment } from "../../shell/format.ts";
import { Avatar, Empty, Sheet } from "../../shell/parts.tsx";
import { one, sync } from "../../shell/phone.ts";
import { told, type Told } from "../../shell/problems.ts";
import { give, pages } from "../../shell/rest.ts";
import { entityNumber, personName, valueWords } from "../../shell/words.ts";
import { lockedAway, needsServer } from "../away.tsx";
import { Heard, useLive } from "../heard.tsx";
import { say } from "./texts.ts";

const SHOWN_MOST = 200;

const isLive = ({ state }: PoolHold): boolean => state === PoolHoldState.live;

/** Of the customer no more than its card showed. */
const nameOf = ({ customer_name }: PoolHold): string => customer_name ?? say("hidden_customer");

function linesOf(hold: PoolHold): string {
  const [name, when] = [personName(hold.user_id), moment(isLive(hold) ? hold.until_ms : (hold.ended_ms ?? hold.until_ms))];
  return say(isLive(hold) ? "held_by" : "held_before", { name, when });
}

function EndSheet({ hold, onClose }: { readonly hold: PoolHold; readonly onClose: () => void }): JSX.Element {
  const words = { customer: nameOf(hold), name: personName(hold.user_id) };
  const save = async (): Promise<Told | null> => {
    try {
      await give(`/v1/pool-holds/${hold.id}/end`, {});
      await sync();
    } catch (error) {
      return told(error);
    }
    tell({ text: say("hold_ended", words) });
    return null;
  };
  return (
    <Sheet title={say("end_title", words)} onClose={onClose}>
      <Form {...lockedAway()} onSave={save} onDone={onClose} onCancel={onClose} saveWord={say("end_hold")}>
        <p class="lead">{say("end_lead", words)}</p>
      </Form>
    </Sheet>
  );
}

function Row({ hold, onEnd }: { readonly hold: PoolHold; readonly onEnd: () => void }): JSX.Element {
  return (
    <div class="row">
      <Avatar name={nameOf(hold)} />
      <span class="grow">
        <b>{nameOf(hold)}</b>
        <small>{[one("pool", hold.pool_id)?.name, linesOf(hold)].filter(Boolean).join(" · ")}</small>
      </span>
      {isLive(hold) ? (
        <button class="small" {...needsServer()} aria-haspopup="dialog" onClick={onEnd}>
          {say("end_hold")}
        </button>
      ) : (
        <span class="chip">{valueWords(entityNumber("pool_hold"), "state", hold.state)}</span>
      )}
    </div>
  );
}

export function Holds(): JSX.Element {
  const [ending, setEnding] = useState<PoolHold | null>(null);
  const heard = useLive(() => pages<PoolHold>("/v1/desk/pool-holds", (items) => items.length >= SHOWN_MOST));
  const close = (): void => (setEnding(null), heard.again());
  return (
    <>
      <p class="lead">{say("holds_lead")}</p>
      <Heard of={heard}>
        {(holds) =>
          holds.length === 0 ? (
            <Empty icon="pool">{say("no_holds")}</Empty>
          ) : (
            <div class="card list">
              {[...holds.filter(isLive), ...holds.filter((hold) => !isLive(hold))].map((hold) => (
                <Row key={hold.id} hold={hold} onEnd={() => setEnding(hold)} />
              ))}
            </div>
          )
        }
      </Heard>
      {ending !== null && <EndSheet hold={ending} onClose={close} />}
    </>
  );
}
