/** What is said of telemetry that did not arrive. */

import type { TelemetryRecord, TelemetryTrouble } from "../../measure/telemetry/telemetry-record.js";
import { formatCount } from "../../support/format.js";

/** "remoteWrite: 12 of 300 rows were not taken by http://127.0.0.1:9090/api/v1/write: nothing listens there." */
export function telemetrySentence({ exporter, to, sent, dropped, trouble }: TelemetryRecord): string {
  const why = trouble === null ? "" : `: ${whyNot(trouble)}`;
  return `${exporter}: ${countOfRows(sent, dropped)} taken by ${to}${why}.`;
}

function countOfRows(sent: number, dropped: number): string {
  const all = sent + dropped;
  if (dropped === 0) return all === 1 ? "its row was" : `all ${formatCount(all)} rows were`;
  if (all === 1) return "its row was not";
  if (sent === 0) return `none of ${formatCount(all)} rows was`;
  return `${formatCount(dropped)} of ${formatCount(all)} rows ${dropped === 1 ? "was" : "were"} not`;
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
