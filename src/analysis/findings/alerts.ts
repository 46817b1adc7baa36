/** Users that were hurt while nobody was paged, and pages while every SLO held. */

import { metricOf } from "../../slo/metrics/index.js";
import type { Finding, SloResult } from "../document/report.js";
import { promiseOf } from "../document/slo-result.js";
import { alertSamples } from "../measurement/alert-states.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { told } from "./finding.js";

export function alertFindings(during: PhaseView, rows: readonly SloResult[]): Finding[] {
  const names = (during.record.signals ?? []).flatMap(({ alert }) => alert ?? []);
  if (names.length === 0) return [];
  const ofUsers = rows.filter((row) => row.phase === "fault" && !isAboutAlert(row));
  const seen = names.map((name) => ({ name, samples: alertSamples(during, name) }));
  const firing = seen.flatMap(({ name, samples }) =>
    !("id" in samples) && samples.states.includes("firing") ? [{ name, samples }] : [],
  );
  // One that fired already is no word on this fault.
  const fired = firing.filter(({ samples }) => samples.states[0] !== "firing").map(({ name }) => name);
  if (fired.length > 0 && ofUsers.length > 0 && ofUsers.every(({ verdict }) => verdict === "pass")) {
    const text = `False alarm: ${quoted(fired)} fired, and every SLO held.`;
    return [{ id: "false_alarm", ...told(text, { alerts: fired }) }];
  }
  const isKnown = seen.every(({ samples }) => !("id" in samples));
  const broken = ofUsers.filter(({ verdict }) => verdict === "fail");
  if (firing.length > 0 || !isKnown || broken.length === 0) return [];
  const none = names.length === 1 ? `${quoted(names)} did not fire` : `none of ${quoted(names)} fired`;
  const facts = { alerts: names, broken: broken.length, slos: ofUsers.length };
  return [{ id: "nobody_paged", ...told(`Nobody was paged: users were hurt, and ${none}.`, facts) }];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function isAboutAlert(row: SloResult): boolean {
  const promise = promiseOf(row);
  return promise !== null && metricOf(promise.metric).alert !== null;
}
