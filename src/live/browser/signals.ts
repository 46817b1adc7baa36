import type { LiveSignal, LiveStatus } from "../watch/live-model.js";
import { byId, element, setText } from "./elements.js";

/** What others know of the system now, one small tile each. */
export function renderSignals({ signals }: LiveStatus): void {
  const place = byId("signals", HTMLElement);
  place.hidden = signals.length === 0;
  const isSame =
    place.childElementCount === signals.length &&
    signals.every(({ name }, at) => place.children[at]?.firstElementChild?.textContent === name);
  if (!isSame) place.replaceChildren(...signals.map(tile));
  for (const [at, { text }] of signals.entries()) {
    const shown = place.children[at]?.lastElementChild;
    if (shown) setText(shown, text);
  }
}

function tile({ name }: LiveSignal): HTMLElement {
  return element("div", {}, element("dt", { text: name }), element("dd"));
}
