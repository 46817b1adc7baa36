/** What is said of telemetry that did not arrive. */

import type { TelemetryRecord, TelemetryTrouble } from "../../measure/telemetry/telemetry-record.js";
import { formatCount } from "../../support/format.js";

/** "remoteWrite: 12 of 300 rows were not taken by http://127.0.0.1:9090/api/v1/write: nothing listens there." */
export function telemetrySentence({ exporter, to, sent, dropped, trouble }: TelemetryRecord): string {
  if (dropped === 0) return `${exporter}: all ${formatCount(sent)} rows were taken by ${to}.`;
  const count =
    sent === 0
      ? `none of ${formatCount(dropped)} rows was`
      : `${formatCount(dropped)} of ${formatCount(sent + dropped)} rows were not`;
  return `${exporter}: ${count} taken by ${to}${trouble === null ? "" : `: ${whyNot(trouble)}`}.`;
}

function whyNot({ id, facts }: TelemetryTrouble): string {
  const said = String(facts.said ?? "").replace(/\.$/, "");
  const answer = `it answered ${facts.status}${said === "" ? "" : `, "${said}"`}`;
  switch (id) {
    case "no_answer":
      return String(facts.reason ?? "");
    case "refused":
    case "busy":
      return answer;
    case "unreadable":
      return `it answered ${facts.status}, and not in words that say what it took`;
    case "failed":
      return `faultline could not send them (${facts.reason})`;
    case "slow":
      return "it took them more slowly than they came";
    case "ended":
      return "the run was over before it had taken them";
  }
}
