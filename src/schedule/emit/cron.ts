import { oneLine } from "../../support/printable.js";
import type { Emitter } from "./emitter.js";

/**
 * Which zone cron uses for its table, and what it does when clocks change, differs from machine to machine. So cron
 * only wakes faultline, which decides itself what is due.
 */
export const cron: Emitter = {
  emit({ gameDay, schedule, slug, cwd, program, times, leastGapMs }) {
    const words = [...program, "schedule", "--due", gameDay.path].map(shellWord).join(" ");
    // cron takes % for the end of a line (crontab(5)).
    const command = `cd ${shellWord(cwd)} && ${words}`.replaceAll("%", "\\%");
    const text = `# ${oneLine(gameDay.data.name)}: ${schedule.cron} ${schedule.timezone}
# cron wakes faultline, which looks whether a run is due on the clock of ${schedule.timezone}, whatever zone this machine is in.
${wakes(times.minutes, leastGapMs)} * * * * ${command}
`;
    return [{ name: `faultline-${slug}.crontab`, text }];
  },
};

/** Zones differ by quarters of an hour. */
const QUARTERS = [0, 15, 30, 45];
const OFTEN_MS = 15 * 60_000;

/** The minutes at which a run can be due on the clock of any machine. */
function wakes(minutes: readonly number[], leastGapMs: number): string {
  if (leastGapMs < OFTEN_MS && minutes.length > 15) return "*";
  const all = new Set(minutes.flatMap((minute) => QUARTERS.map((quarter) => (minute + quarter) % 60)));
  return [...all].sort((a, b) => a - b).join(",");
}

function shellWord(text: string): string {
  return /^[\w@+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
