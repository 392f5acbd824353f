/** Whether notices reach people: what became of them, how each way of push stands, and whose devices are no longer reached (admin). */

import type { JSX } from "preact";
import { ago, count, moment } from "../../shell/format.ts";
import { Icon } from "../../shell/icons.tsx";
import { Avatar } from "../../shell/parts.tsx";
import { Heard, useLive } from "../heard.tsx";
import { FactList } from "../fact_list.tsx";
import { channelWord, deathWord, illness, isIll, look, type Channel, type Dead, type Health } from "./delivery_look.ts";
import { say, type DeliveryText } from "./delivery_texts.ts";

const SECOND_MS = 1_000;

export function Delivery(): JSX.Element {
  const asked = useLive(look);
  return (
    <div class="panel delivery">
      <Heard of={asked}>{(health) => <Told health={health} />}</Heard>
    </div>
  );
}

function Told({ health }: { readonly health: Health }): JSX.Element {
  const { channels, made, delivered, seen, opened } = health;
  return (
    <>
      <p class="lead">{say("lead", { at: moment(health.server_ms) })}</p>
      <section>
        <h2>{say("notices")}</h2>
        <FactList
          card
          facts={(
            [
              ["made", made],
              ["delivered", delivered],
              ["seen", seen],
              ["opened", opened],
            ] as const
          ).map(([word, n]) => [say(word), count(n)])}
        />
      </section>
      <section>
        <h2>{say("ways")}</h2>
        <Next channels={channels} />
        <Ways channels={channels} />
      </section>
      <section>
        <h2>{say("dead")}</h2>
        <DeadList dead={health.dead} />
      </section>
    </>
  );
}

/** What each illness means, and what to do next. */
function Next({ channels }: { readonly channels: readonly Channel[] }): JSX.Element {
  const ill = channels.filter((one) => isIll(illness(one)));
  const calm = channels.some(({ channel, on }) => on && channel !== "log") ? "all_well" : "no_ways";
  if (ill.length === 0)
    return (
      <p class="card row">
        <Icon name={calm === "all_well" ? "check" : "bell"} />
        <span class="grow">{say(calm)}</span>
      </p>
    );
  return (
    <ul class="card list" aria-label={say("ways")}>
      {ill.map((one) => (
        <li class="row" key={one.channel}>
          <span class="grow">
            <b>{[channelWord(one.channel), say(illness(one)), ...moments(one)].join(" · ")}</b>
            <small>{say(`means_${illness(one)}` as DeliveryText)}</small>
            <small>{say(`next_${illness(one)}` as DeliveryText)}</small>
          </span>
        </li>
      ))}
    </ul>
  );
}

function moments({ since_ms: since, until_ms: until }: Channel): readonly string[] {
  return [
    ...(since === null ? [] : [say("since", { when: moment(since) })]),
    ...(until === null ? [] : [say("until", { when: moment(until) })]),
  ];
}

const seconds = (ms: number | null): string => (ms === null ? "–" : `${(ms / SECOND_MS).toFixed(ms < 10 * SECOND_MS ? 1 : 0)} s`);

function Ways({ channels }: { readonly channels: readonly Channel[] }): JSX.Element {
  const heads = ["way", "state", "targets", "waiting", "sent", "accepted", "failed", "delivered", "seen", "opened", "lag"] as const;
  return (
    <div class="card wide-table">
      <table class="plain">
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col" key={head}>
                {say(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {channels.map((one) => (
            <tr key={one.channel}>
              <th scope="row">{channelWord(one.channel)}</th>
              <td>{one.channel !== "log" && <span class={isIll(illness(one)) ? "chip late" : "chip"}>{say(illness(one))}</span>}</td>
              {[one.targets, one.due + one.waiting, one.sent, one.accepted, one.failed, one.delivered, one.seen, one.opened].map(
                (n, at) => (
                  <td key={heads[at + 2]} data-word={say(heads[at + 2]!)}>
                    {count(n)}
                  </td>
                ),
              )}
              <td data-word={say("lag")}>{one.lag_half_ms === null ? "–" : `${seconds(one.lag_half_ms)} / ${seconds(one.lag_most_ms)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeadList({ dead }: { readonly dead: readonly Dead[] }): JSX.Element {
  if (dead.length === 0) return <p class="lead">{say("no_dead")}</p>;
  return (
    <>
      <ul class="card list" aria-label={say("dead")}>
        {dead.map(({ user_id, name, channel, word, at_ms, again }, at) => (
          <li class="row" key={`${user_id} ${at}`}>
            <Avatar name={name} />
            <span class="grow">
              <b>{name}</b>
              <small>{[channelWord(channel), deathWord(word), ago(at_ms)].join(" · ")}</small>
            </span>
            {again && <span class="chip good">{say("again")}</span>}
          </li>
        ))}
      </ul>
      {dead.some(({ again }) => !again) && <p class="lead">{say("next_dead")}</p>}
    </>
  );
}
