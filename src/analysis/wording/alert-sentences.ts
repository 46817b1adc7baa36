/** What is said of alerts. */

import type { AlertState } from "../../slo/alert-state.js";
import { formatSeconds } from "../../support/format.js";

/** Whether a fault has hurt users. */
export type Hurt = "yes" | "no" | "unknown" | "unasked";

const HURT: Readonly<Record<Hurt, string>> = {
  yes: "Users were hurt, and ",
  no: "Every SLO held, and ",
  unknown: "Whether users were hurt is undecided, and ",
  unasked: "",
};

export const alertSentence = {
  firedBefore: (name: string) =>
    `"${name}" fired already when the fault began, so nothing can be said of it.`,
  fired: (name: string, seconds: number, isFalse: boolean) =>
    `"${name}" fired ${formatSeconds(seconds)} after the injection${isFalse ? ", although every SLO held" : ""}.`,
  nothingToPage: (name: string) => `Every SLO held, so nobody had to be paged, and "${name}" did not fire.`,
  nobodyPaged: (name: string, seconds: number, hidden: AlertState | null, hurt: Hurt) =>
    hidden === null
      ? `${HURT[hurt]}"${name}" did not fire within ${formatSeconds(seconds)}.`
      : `${HURT[hurt]}"${name}" paged nobody: it was ${hidden}.`,
  neverFired: (name: string) => `"${name}" did not fire, so it had nothing to resolve.`,
  resolved: (name: string, seconds: number) =>
    seconds === 0
      ? `"${name}" no longer fired when the fault was out.`
      : `"${name}" fired no more ${formatSeconds(seconds)} after the fault was out.`,
  stillFires: (name: string, seconds: number) =>
    `"${name}" still fired ${formatSeconds(seconds)} after the fault was out.`,
};
