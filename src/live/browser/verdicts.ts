import { VERDICT_WORDS } from "../../report/shown/verdict-words.js";
import type { LiveSlo, LiveStatus, LiveVerdict } from "../watch/live-model.js";
import { byId, element } from "./elements.js";

let shownVerdicts = "";

export function renderVerdicts({ verdicts }: LiveStatus): void {
  const wanted = JSON.stringify(verdicts);
  if (wanted === shownVerdicts) return;
  shownVerdicts = wanted;
  const none = element("li", { className: "hint", text: "None is certain yet." });
  byId("verdicts", HTMLElement).replaceChildren(
    ...(verdicts.length === 0 ? [none] : verdicts.map(verdictItem)),
  );
}

function verdictItem({ fault, verdict, slos, back }: LiveVerdict): HTMLElement {
  const head = element(
    "div",
    { className: "head" },
    element("span", { text: fault ?? "Baseline" }),
    mark(verdict),
  );
  const rows = slos.map(sloItem);
  if (back !== null) rows.push(element("li", { text: back }));
  return element("li", {}, head, element("ul", {}, ...rows));
}

function sloItem({ expect, observed, verdict }: LiveSlo): HTMLElement {
  const value = verdict === null ? "not known yet" : `${observed} ${VERDICT_WORDS[verdict].sign}`;
  const tone = verdict === null ? "muted" : VERDICT_WORDS[verdict].tone;
  return element("li", { className: tone }, element("code", { text: expect }), element("b", { text: value }));
}

function mark(verdict: LiveVerdict["verdict"]): HTMLElement {
  if (verdict === null) return element("span", { className: "mark muted", text: "not certain yet" });
  const { sign, tone, word } = VERDICT_WORDS[verdict];
  const shape = element("span", { text: sign });
  shape.setAttribute("aria-hidden", "true");
  const made = element("span", { className: `mark ${tone}` }, shape);
  made.append(word);
  return made;
}
