/** The bar and the screen that the address names; an address that names none shows the first place of the bar. */

import type { JSX } from "preact";
import { forThis } from "./feature.ts";
import { Tabs } from "./parts.tsx";
import { features } from "./registry.ts";
import { path } from "./router.ts";
import { Frame } from "./start.tsx";
import { Toast } from "./toast.tsx";

interface Given {
  /** Of the app, above its places on a wide screen. */
  readonly name: string;
  /** Above every screen. */
  readonly notice?: JSX.Element;
}

export function Screens({ name, notice }: Given): JSX.Element {
  const { screens, places: all } = features();
  const places = forThis(all);
  const [first = "", ...rest] = path.value.split("/").filter(Boolean);
  const Found = screens.get(first) ?? screens.get(places[0]!.to)!;
  return (
    <Frame tabs={<Tabs name={name} places={places} />}>
      {notice}
      <Found key={path.value} rest={screens.has(first) ? rest : []} />
      <Toast />
    </Frame>
  );
}
