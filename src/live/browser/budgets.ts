import { formatRatio } from "../../support/format.js";
import type { LiveBudget, LiveStatus } from "../watch/live-model.js";
import { byId, element } from "./elements.js";

/** From here on the colour says that the budget will not last. */
const NEARLY_USED = 0.8;

export function renderBudgets({ budgets }: LiveStatus): void {
  const place = byId("budgets", HTMLElement);
  place.hidden = budgets.length === 0;
  place.replaceChildren(...budgets.map(budgetRow));
}

function budgetRow({ slo, used, badShare, allowedShare }: LiveBudget): HTMLElement {
  const tone = used > 1 ? "bad" : used >= NEARLY_USED ? "unsure" : "good";
  const filled = element("i");
  filled.style.width = `${Math.min(100, used * 100)}%`;
  const track = element("span", { className: "track" }, filled);
  track.setAttribute("aria-hidden", "true");
  const share = element("strong", { text: `${usedText(used)} of the budget` });
  const detail = `, ${formatRatio(badShare)} bad of ${formatRatio(allowedShare)}`;
  return element(
    "div",
    { className: `budget ${tone}` },
    element("code", { text: slo }),
    track,
    element("span", { className: "text" }, share, document.createTextNode(detail)),
  );
}

function usedText(used: number): string {
  return used >= 10 ? `${Math.round(used)}×` : `${Math.round(used * 100)}%`;
}
