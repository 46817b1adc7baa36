import { nearest } from "../../support/names/suggestion.js";
import type { Metric, MetricFamily } from "../metric.js";
import type { NameReader } from "../name-reader.js";
import type { SloMetric } from "../slo.js";
import { USUAL, withName } from "./plain.js";

/** Times of an alert: from the injection until it fires, and from the fault's removal until it fires no more. */
const TIMES = { fires: "fault", resolves: "recovery" } as const;

const TIME_WORDS: readonly string[] = Object.keys(TIMES);

function isAlertTime(word: unknown): word is keyof typeof TIMES {
  return typeof word === "string" && TIME_WORDS.includes(word);
}

/** An alert of the team's own monitoring: whether users that are hurt make somebody come. */
export const alert: MetricFamily = {
  kind: "alert",
  form: "alert(NAME) fires",
  names: ["alert"],
  otherNames: /^(alerts?|alarm|alarms|page|pages|alertname)$/,
  read: (word) => (word === "alert" ? { ok: true, metric: { kind: "alert" } } : null),
  readName: readAlert,
  problem({ alert: name, measure }) {
    if (typeof name !== "string" || name === "")
      return { key: "alert", expected: "expected an alert's name" };
    return isAlertTime(measure) ? null : { key: "measure", expected: "expected fires or resolves" };
  },
  of: ({ alert: name, measure }) => timeOf(String(name), isAlertTime(measure) ? measure : "fires"),
};

function timeOf(name: string, measure: keyof typeof TIMES): Metric {
  return {
    ...USUAL,
    spec: { kind: "alert", alert: name, measure },
    name: `${withName("alert", name)} ${measure}`,
    unit: "s",
    promise: "at_most",
    timing: TIMES[measure],
    alert: { name, measure },
    noWindow: `that it ${measure} is one moment`,
    abort: { refusal: "an alert is watched, and cannot abort a run", suggestion: null },
    value: () => null,
  };
}

/** "(HighErrorRate) fires" */
function readAlert({ kind }: SloMetric, text: NameReader): SloMetric {
  const named = text.inParentheses("alert");
  if (named === null) text.failMetric(`"${kind}" needs the alert's name: ${kind}(HighErrorRate)`, null);
  const word = text.word();
  if (word === null)
    text.failNext(`what of the alert "${named.name}" is promised? It fires, or it resolves`, "fires");
  if (!isAlertTime(word)) {
    text.failLast(
      `"${word}" is nothing that an alert does; known are fires and resolves`,
      nearest(word, TIME_WORDS),
    );
  }
  return { kind, alert: named.name, measure: word };
}
