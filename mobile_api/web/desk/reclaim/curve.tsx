/** How many customers fall over time: in all above, each day or week below; a value by pointer or arrow keys, and in words. */

import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, dayWord, locale } from "../../shell/format.ts";
import { buckets, SPAN_DAYS, type Bucket, type Preview } from "./preview.ts";
import { say } from "./texts.ts";

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** In pixels: the room of the axis at the left, of both planes, and between them. */
const [LEFT, RIGHT, TOP, ABOVE, GAP, BELOW, FOOT] = [44, 12, 26, 150, 40, 96, 28];
const HEIGHT = TOP + ABOVE + GAP + BELOW + FOOT;
const TICKS = 4;
const LABEL_PX = 74;

const date = (day: number): string =>
  new Intl.DateTimeFormat(locale(), { timeZone: "UTC", month: "short", day: "numeric" }).format(day * DAY_MS);

/** A round number of at least this, that divides into whole steps. */
function roundTop(most: number): number {
  for (let ten = 1; ; ten *= 10) for (const one of [1, 2, 5]) if (one * ten * TICKS >= most) return one * ten * TICKS;
}

function bucketWord({ day, days }: Bucket): string {
  return days === 1 ? dayWord(day) : say("week", { from: date(day), to: date(day + days - 1) });
}

function pointWord(bucket: Bucket): string {
  const point = say("point", { day: bucketWord(bucket), n: count(bucket.falls), sum: count(bucket.sum) });
  return bucket.kept === 0 ? point : say("point_kept", { point, kept: count(bucket.kept) });
}

function wholeWord(found: readonly Bucket[]): string {
  const most = found.reduce((high, one) => (one.falls > high.falls ? one : high));
  const n = count(found.at(-1)!.sum);
  if (most.falls === 0) return say("curve_none", { days: SPAN_DAYS });
  return say("curve_words", { days: SPAN_DAYS, n, day: bucketWord(most), most: count(most.falls) });
}

function useWidth(): readonly [{ readonly current: HTMLDivElement | null }, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(720);
  useEffect(() => {
    const watch = new ResizeObserver(([seen]) => setWidth(Math.max(260, Math.floor(seen!.contentRect.width))));
    watch.observe(place.current!);
    return () => watch.disconnect();
  }, []);
  return [place, width];
}

export function Curve({ shown: { falls, before, today } }: { readonly shown: Preview }): JSX.Element {
  const [step, setStep] = useState(WEEK_DAYS);
  const [at, setAt] = useState<number | null>(null);
  const [place, width] = useWidth();
  const found = useMemo(() => buckets(falls, today, step), [falls, today, step]);
  const was = useMemo(() => (before === null || before.length === 0 ? null : buckets(before, today, step)), [before, today, step]);
  const choose = (next: number): void => {
    setStep(next);
    setAt(null);
  };
  return (
    <figure class="card curve">
      <figcaption>
        <b>{say("curve")}</b>
        <span class="segmented" role="group" aria-label={say("curve")}>
          {([1, WEEK_DAYS] as const).map((one) => (
            <button key={one} type="button" aria-pressed={step === one} onClick={() => choose(one)}>
              {say(one === 1 ? "by_day" : "by_week")}
            </button>
          ))}
        </span>
      </figcaption>
      <p class="curve-words" role="status">
        {at === null ? wholeWord(found) : pointWord(found[at]!)}
      </p>
      <div ref={place}>
        <Drawing found={found} was={was} width={width} at={at} onAt={setAt} />
      </div>
      <p class="curve-key" aria-hidden="true">
        <i class="key-draft" /> {say("draft")}
        {was !== null && (
          <>
            <i class="key-before" /> {say("before")}
          </>
        )}
        {found.some(({ kept }) => kept > 0) && (
          <>
            <i class="key-kept" /> {say("kept_now")}
          </>
        )}
      </p>
    </figure>
  );
}

interface DrawingGiven {
  readonly found: readonly Bucket[];
  readonly was: readonly Bucket[] | null;
  readonly width: number;
  readonly at: number | null;
  readonly onAt: (at: number | null) => void;
}

function Drawing({ found, was, width, at, onAt }: DrawingGiven): JSX.Element {
  const last = found.length - 1;
  const wide = (width - LEFT - RIGHT) / found.length;
  const onKey = (event: TargetedKeyboardEvent<SVGSVGElement>): void => {
    const to = reached(event.key, at ?? -1, last);
    if (to === null) return;
    event.preventDefault();
    onAt(to);
  };
  const onMove = (event: TargetedPointerEvent<SVGSVGElement>): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    onAt(Math.max(0, Math.min(last, Math.floor(x / wide))));
  };
  return (
    <svg
      width={width}
      height={HEIGHT}
      tabIndex={0}
      role="slider"
      aria-label={`${say("curve")}. ${say("keys")}`}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={at ?? 0}
      aria-valuetext={at === null ? wholeWord(found) : pointWord(found[at]!)}
      onKeyDown={onKey}
      onPointerMove={onMove}
      onPointerDown={onMove}
      onPointerLeave={() => onAt(null)}
      onBlur={() => onAt(null)}
    >
      <Planes found={found} was={was} width={width} wide={wide} />
      {at !== null && (
        <g class="curve-at">
          <path d={`M${LEFT + (at + 0.5) * wide} ${TOP}V${HEIGHT - FOOT}`} />
        </g>
      )}
    </svg>
  );
}

/** The place to which a key leads; null for any other key. */
function reached(key: string, at: number, last: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1 },
    ...{ PageUp: at + WEEK_DAYS, PageDown: at - WEEK_DAYS, Home: 0, End: last },
  };
  const to = steps[key];
  return to === undefined ? null : Math.max(0, Math.min(last, to));
}

interface PlanesGiven extends Pick<DrawingGiven, "found" | "was" | "width"> {
  /** Of one bar, in pixels. */
  readonly wide: number;
}

function Planes({ found, was, width, wide }: PlanesGiven): JSX.Element {
  const sums = Math.max(found.at(-1)!.sum, was?.at(-1)?.sum ?? 0);
  const each = Math.max(...found.map(({ falls, kept }) => falls + kept));
  const [high, tall] = [roundTop(sums), roundTop(each)];
  const floor = TOP + ABOVE + GAP + BELOW;
  const yOf = (sum: number): number => TOP + ABOVE - (sum / high) * ABOVE;
  const heightOf = (falls: number): number => (falls / tall) * BELOW;
  const line = (of: readonly Bucket[]): string =>
    [`M${LEFT} ${yOf(0)}`, ...of.map(({ sum }, at) => `L${LEFT + (at + 1) * wide} ${yOf(sum)}`)].join("");
  const gap = Math.min(3, wide * 0.2);
  return (
    <>
      <Scale top={TOP} height={ABOVE} most={high} width={width} word={say("in_all")} />
      <Scale top={TOP + ABOVE + GAP} height={BELOW} most={tall} width={width} word={say(found[0]!.days === 1 ? "each_day" : "each_week")} />
      <path class="curve-area" d={`${line(found)}V${yOf(0)}Z`} />
      {was !== null && <path class="curve-before" d={line(was)} />}
      <path class="curve-line" d={line(found)} />
      {found.map(({ day, falls, kept }, at) => (
        <g key={day} data-falls={falls} data-kept={kept}>
          <rect
            class="bar"
            x={LEFT + at * wide + gap / 2}
            width={wide - gap}
            y={floor - heightOf(falls)}
            height={heightOf(falls)}
            rx={Math.min(2, wide / 4)}
          />
          {kept > 0 && (
            <rect
              class="bar kept"
              x={LEFT + at * wide + gap / 2}
              width={wide - gap}
              y={floor - heightOf(falls + kept)}
              height={heightOf(kept)}
            />
          )}
        </g>
      ))}
      <Days found={found} wide={wide} />
    </>
  );
}

interface ScaleGiven {
  readonly top: number;
  readonly height: number;
  readonly most: number;
  readonly width: number;
  readonly word: string;
}

function Scale({ top, height, most, width, word }: ScaleGiven): JSX.Element {
  const ticks = Array.from({ length: TICKS + 1 }, (_, at) => (most / TICKS) * at).filter((_, at) => height > 120 || at % 2 === 0);
  return (
    <g class="curve-scale">
      <text class="curve-title" x={LEFT} y={top - 10}>
        {word}
      </text>
      {ticks.map((tick) => {
        const y = top + height - (tick / most) * height;
        return (
          <g key={tick}>
            <path d={`M${LEFT} ${y}H${width - RIGHT}`} />
            <text x={LEFT - 8} y={y + 4} text-anchor="end">
              {count(tick)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** Dates below, as many as have room. */
function Days({ found, wide }: { readonly found: readonly Bucket[]; readonly wide: number }): JSX.Element {
  const each = Math.ceil(LABEL_PX / wide);
  return (
    <g class="curve-scale">
      {found
        .map(({ day }, at) => ({ day, x: LEFT + (at + 0.5) * wide }))
        .filter((_, at) => at % each === 0)
        .map(({ day, x }, at) => (
          <text key={day} x={at === 0 ? LEFT : x} y={HEIGHT - 8} text-anchor={at === 0 ? "start" : "middle"}>
            {date(day)}
          </text>
        ))}
    </g>
  );
}
