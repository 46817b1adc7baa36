import { VERDICT_WORDS } from "../../report/shown/verdict-words.js";
import type { LiveStatus, LiveVerdict } from "../watch/live-model.js";
import { byId, setText } from "./elements.js";
import { headlineOf } from "./now.js";

/** Tells a screen reader what has changed: phases, faults, verdicts. Never the numbers of each second. */
export class Announcer {
  #before: LiveStatus | null = null;

  hear(status: LiveStatus): void {
    const before = this.#before;
    this.#before = status;
    const isNew = before === null || before.run !== status.run;
    const changes = isNew ? [headlineOf(status)] : changesBetween(before, status);
    if (changes.length > 0) this.say(changes.join(". "));
  }

  say(text: string): void {
    setText(byId("announcements", HTMLElement), text);
  }
}

function changesBetween(before: LiveStatus, status: LiveStatus): string[] {
  return [
    headlineOf(before) === headlineOf(status) ? null : headlineOf(status),
    injectedChange(before, status),
    ...status.verdicts.map((verdict) => newVerdict(verdict, before.verdicts)),
  ].filter((text) => text !== null);
}

function injectedChange(before: LiveStatus, { injected }: LiveStatus): string | null {
  if (before.injected?.text === injected?.text) return null;
  return injected === null ? "The fault was removed" : `Injected: ${injected.text}`;
}

function newVerdict({ fault, verdict }: LiveVerdict, before: readonly LiveVerdict[]): string | null {
  const known = before.find((each) => each.fault === fault)?.verdict ?? null;
  if (verdict === null || verdict === known) return null;
  return `${fault ?? "Baseline"}: ${VERDICT_WORDS[verdict].word}`;
}
