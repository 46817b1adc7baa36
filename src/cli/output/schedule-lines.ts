import { relative } from "node:path";
import { shownTime } from "../../schedule/due/local-time.js";
import type { SchedulerEvent } from "../../schedule/scheduler-options.js";
import { countOf } from "../../support/count-of.js";
import { oneLine } from "../../support/printable.js";

/** One line for what happens to a game day. */
export function scheduleLine(event: SchedulerEvent, cwd: string): string {
  const zone = event.gameDay.data.schedule?.timezone ?? "UTC";
  return `${oneLine(event.gameDay.data.name)}: ${oneLine(textOf(event, zone, cwd))}`;
}

function textOf(event: SchedulerEvent, zone: string, cwd: string): string {
  switch (event.kind) {
    case "next":
      return event.due === null ? "no next run" : `next run ${shownTime(event.due.startMs, zone)}`;
    case "quiet":
      return `left out, ${shownTime(event.due.startMs, zone)} is quiet (${event.window.text})`;
    case "missed": {
      const since = `since ${shownTime(event.first.startMs, zone)}`;
      const what = event.catchesUp ? "one is run for all of them" : "left out";
      return `${countOf(event.count, "run")} missed ${since}: ${what}`;
    }
    case "interrupted": {
      const due = shownTime(event.dueMs, zone);
      return `the run of ${due} was interrupted, it had begun ${shownTime(event.startedMs, zone)}`;
    }
    case "started":
      return `begins, due ${shownTime(event.due.startMs, zone)}`;
    case "ended": {
      const { verdict, score, durationMs, folder, postponed } = event.outcome;
      if (postponed !== null) return `postponed, ${postponed.reason}`;
      const points = score === null ? "" : `, score ${score}`;
      return `${verdict}${points}, ${Math.round(durationMs / 1000)} s, reports in ${relative(cwd, folder) || "."}`;
    }
  }
}
