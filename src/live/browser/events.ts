import type { RunEvent } from "../../measure/record.js";
import { formatClock } from "../../support/format.js";
import { byId, element } from "./elements.js";

/** As many as the server keeps. */
const MOST_SHOWN = 500;

/** The newest first. */
export function addEvents(events: readonly RunEvent[], isWhole: boolean): void {
  const place = byId("events", HTMLElement);
  if (isWhole) place.replaceChildren();
  if (events.length > 0) place.querySelector(".hint")?.remove();
  for (const event of events) place.prepend(eventItem(event));
  while (place.children.length > MOST_SHOWN) place.lastElementChild?.remove();
  if (place.children.length === 0) {
    place.append(element("li", { className: "hint", text: "Nothing has happened yet." }));
  }
}

function eventItem({ atS, kind, text }: RunEvent): HTMLElement {
  const when = atS < 0 ? "before" : formatClock(atS);
  const parts = [when, kind, text].map((part) => element("span", { text: part }));
  return element("li", { className: kind === "note" ? "note-event" : "" }, ...parts);
}
