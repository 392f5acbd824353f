/** The signs of both apps, one stroke each, in the colour of the words beside them. */

import type { JSX } from "preact";

const SHAPES = {
  customers: "M4 19v-8l8-6 8 6v8zM9.5 19v-5h5v5",
  me: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6",
  back: "M15 5l-7 7 7 7",
  call: "M6 3.5h3.5l1.8 4.5L9 9.6a12 12 0 0 0 5.4 5.4l1.6-2.3 4.5 1.8V18a2.5 2.5 0 0 1-3 2.5C10 20 4 14 3.5 6A2.5 2.5 0 0 1 6 3.5z",
  route: "M12 2.5l9.5 9.5-9.5 9.5L2.5 12zM9 14.5v-2.5a1.5 1.5 0 0 1 1.5-1.5H15M13 8l2.5 2.5L13 13",
  edit: "M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17zM14 7l3 3",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM20 20l-4.7-4.7",
  up: "M12 19V6M6.5 11L12 5.5 17.5 11",
  check: "M5 12.5l4.5 4.5L19 7.5",
  off: "M4 4l16 16M7 18.5a4.5 4.5 0 0 1-.5-8.97M9.5 5.9A6 6 0 0 1 18 9.5a4.5 4.5 0 0 1 2.7 7",
  pin: "M12 21.5c-4.5-4.6-6.8-8.2-6.8-11a6.8 6.8 0 0 1 13.6 0c0 2.8-2.3 6.4-6.8 11zM12 13a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
  talk: "M4 5.5h16v10.5H11L6.5 19.5V16H4zM8 9.2h8M8 12.4h5",
  calendar: "M4 6h16v14H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4M9 15.2l2.2 2.2 4-4",
  quote: "M6 3.5h8.5L18.5 8v12.5H6zM14 3.8V8.5h4.3M9 12.5h6.5M9 16h6.5",
  plus: "M12 5v14M5 12h14",
  bin: "M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5",
  down: "M12 5v13M6.5 13L12 18.5 17.5 13",
  board: "M4 4h7v9H4zM13 4h7v5h-7zM13 12h7v8h-7zM4 16h7v4H4z",
  decide: "M4 13l3-8h10l3 8v6H4zM4 13h5l1.5 2.5h3L15 13h5",
  move: "M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4",
  close: "M6 6l12 12M18 6L6 18",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2",
  inbox: "M4 13l2.5-8h11L20 13v6H4zM4 13h4.5l1 2.5h5l1-2.5H20",
  outbox: "M4 13v6h16v-6M12 15V4.5M7.5 9L12 4.5 16.5 9",
  pool: "M12 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 16q2.2-2.5 4.5 0t4.5 0 4.5 0 4.5 0M3 20q2.2-2.5 4.5 0t4.5 0 4.5 0 4.5 0",
  notes: "M5 4.5h14v11l-4.5 4.5H5zM14.5 20v-4.5H19M8.5 9h7M8.5 12.5h4",
  task: "M6 4.5h12v16H6zM9.5 3v3M14.5 3v3M9 13l2.2 2.2L15.5 11",
  late: "M12 21a8.5 8.5 0 1 0-8.5-8.5M12 7.5V12.5l3.5 2M3.5 7.5v5h5",
  bell: "M6 16.5c1.2-1.4 1.5-3 1.5-6a4.5 4.5 0 0 1 9 0c0 3 .3 4.6 1.5 6zM10.2 19.5a2 2 0 0 0 3.6 0M12 3.5V6",
  settings: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5.2v3.6M9 10.2v3.6M17 15.2v3.6",
  minus: "M5 12h14",
  grip: "M6 8.5h12M6 12h12M6 15.5h12",
  target: "M12 18.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2z",
  people:
    "M8.5 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M2.8 19c.5-3.2 2.8-5 5.7-5s5.2 1.8 5.7 5" +
    "M16 5.4a3.2 3.2 0 0 1 0 5.9M17 14.3c2.3.5 3.8 2.2 4.2 4.7",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
