import { formatClock, formatRate, formatRatio, formatSeconds } from "../../support/format.js";
import type { LiveSecond, LiveStatus } from "../watch/live-model.js";
import { byId, element, setText } from "./elements.js";
import { shownLatency } from "./live-charts.js";

/** What goes on now, in a few words. */
export function headlineOf({ phase, activity, halted, isOver }: LiveStatus): string {
  if (isOver) return "Run over";
  if (halted !== null) return "Halting";
  if (activity !== null && phase === null) return capital(activity);
  switch (phase?.kind) {
    case undefined:
      return "Starting";
    case "warmup":
      return "Warm-up";
    case "baseline":
      return "Baseline";
    case "fault":
      return `Fault: ${phase.fault}${phase.trial === null ? "" : `, ${phase.trial}`}`;
    case "recovery":
      return `Recovery from ${phase.fault}`;
  }
}

export function renderNow(status: LiveStatus, last: LiveSecond | null): void {
  setText(byId("name", HTMLElement), status.name || "faultline");
  setText(byId("headline", HTMLElement), headlineOf(status));
  setText(byId("progress", HTMLElement), progressOf(status));
  const tone = status.halted !== null || status.injected !== null ? "bad" : status.isOver ? "muted" : "";
  byId("hero", HTMLElement).className = `hero ${tone}`;
  renderInjected(status);
  setText(byId("recovery", HTMLElement), recoveryOf(status));
  renderNumbers(last);
}

function progressOf({ phase, nowS, activity, halted, isOver }: LiveStatus): string {
  if (halted !== null && !isOver) return capital(halted);
  if (isOver || phase === null) return "";
  const leftS = Math.ceil(phase.startS + phase.plannedS - nowS);
  const left = leftS > 0 ? `${formatSeconds(leftS)} left` : "longer than planned";
  return [`at ${formatClock(nowS)}`, left, ...(activity === null ? [] : [activity])].join(" · ");
}

function renderInjected({ injected, nowS }: LiveStatus): void {
  const place = byId("injected", HTMLElement);
  place.parentElement?.classList.toggle("burning", injected !== null);
  if (injected === null) {
    setText(place, "nothing");
    return;
  }
  const since = `since ${formatClock(injected.sinceS)}, for ${formatSeconds(Math.max(0, Math.round(nowS - injected.sinceS)))}`;
  place.replaceChildren(injected.text, element("span", { className: "since", text: since }));
}

function recoveryOf({ recoveringSinceS, nowS, verdicts }: LiveStatus): string {
  if (recoveringSinceS !== null)
    return `${formatSeconds(Math.max(0, Math.floor(nowS - recoveringSinceS)))} so far`;
  return verdicts.findLast(({ back }) => back !== null)?.back ?? "–";
}

function renderNumbers(last: LiveSecond | null): void {
  if (last === null) return;
  const all = Object.values(last.perS).reduce((sum, rate) => sum + rate, 0);
  setText(byId("rate", HTMLElement), formatRate(all));
  setText(byId("errors", HTMLElement), all === 0 ? "–" : formatRatio((all - last.perS.ok) / all));
  setText(byId("p99", HTMLElement), shownLatency(last.latencyMs[2] ?? null));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
