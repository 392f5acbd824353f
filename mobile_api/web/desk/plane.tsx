/** Places on a plane at true scale, drawn by ourselves: no tiles, no foreign host, and a bar that tells the scale. */

import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Position } from "../client/src/index.ts";

const METRES_PER_E6 = 0.111_195; // of a micro-degree of latitude, on the mean sphere
const MARGIN_PX = 44;
const SPAN_M_MIN = 300;
const STEPS = [1, 2, 5] as const;

export interface Spot extends Position {
  readonly key: string;
  readonly title: string;
  readonly hue: number;
  /** Stands on the spot, such as its place in an order. */
  readonly mark?: string;
  readonly hollow?: boolean;
}

interface Given {
  readonly label: string;
  readonly spots: readonly Spot[];
  /** Joined in the order given. */
  readonly way?: readonly Position[];
  readonly onPick?: (key: string) => void;
}

interface View {
  readonly x: (at: Position) => number;
  readonly y: (at: Position) => number;
  /** Pixels per metre. */
  readonly scale: number;
}

/** All points in the picture, the same scale in both directions. */
function view(points: readonly Position[], width: number, height: number): View {
  const latitudes = points.map((at) => at.latitude_e6);
  const longitudes = points.map((at) => at.longitude_e6);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const middle = (south + north) / 2;
  const eastM = METRES_PER_E6 * Math.cos((middle / 1e6) * (Math.PI / 180));
  const spanX = Math.max(SPAN_M_MIN, (east - west) * eastM);
  const spanY = Math.max(SPAN_M_MIN, (north - south) * METRES_PER_E6);
  const scale = Math.min((width - 2 * MARGIN_PX) / spanX, (height - 2 * MARGIN_PX) / spanY);
  return {
    scale,
    x: (at) => width / 2 + (at.longitude_e6 - (west + east) / 2) * eastM * scale,
    y: (at) => height / 2 - (at.latitude_e6 - middle) * METRES_PER_E6 * scale,
  };
}

/** A round length of which the bar is between 60 and 150 pixels long. */
function step(scale: number): number {
  for (let power = 10; ; power *= 10) for (const one of STEPS) if (one * power * scale >= 60) return one * power;
}

export function Plane({ label, spots, way = [], onPick }: Given): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.round(entry!.contentRect.width))));
    watch.observe(frame.current!);
    return () => watch.disconnect();
  }, []);
  const height = Math.round(Math.min(420, Math.max(260, width * 0.55)));
  const points = [...spots, ...way];
  const { x, y, scale } = view(points.length > 0 ? points : [{ latitude_e6: 0, longitude_e6: 0 }], width, height);
  const metres = step(scale);
  const cell = metres * scale;
  return (
    <div class="plane card" ref={frame}>
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label}>
        <g class="grid-lines" aria-hidden="true">
          {lines(width, cell).map((at) => (
            <path key={`x${at}`} d={`M${at} 0V${height}`} />
          ))}
          {lines(height, cell).map((at) => (
            <path key={`y${at}`} d={`M0 ${at}H${width}`} />
          ))}
        </g>
        {way.length > 1 && <polyline class="way" points={way.map((at) => `${x(at).toFixed(1)},${y(at).toFixed(1)}`).join(" ")} />}
        {spots.map((spot) => (
          <g
            key={spot.key}
            class={spot.hollow === true ? "spot hollow" : "spot"}
            style={{ "--hue": String(spot.hue) }}
            transform={`translate(${x(spot).toFixed(1)} ${y(spot).toFixed(1)})`}
            onClick={() => onPick?.(spot.key)}
          >
            <title>{spot.title}</title>
            <circle r={spot.mark === undefined ? 7 : 12} />
            {spot.mark !== undefined && <text y="4">{spot.mark}</text>}
          </g>
        ))}
        <g class="scale" transform={`translate(14 ${height - 16})`}>
          <path d={`M0 -5V0H${cell.toFixed(1)}V-5`} />
          <text y="-8">{metres < 1000 ? `${metres} m` : `${metres / 1000} km`}</text>
        </g>
      </svg>
    </div>
  );
}

const lines = (length: number, cell: number): number[] => {
  const found: number[] = [];
  for (let at = (length / 2) % cell; at < length; at += cell) found.push(Math.round(at * 10) / 10);
  return found;
};
