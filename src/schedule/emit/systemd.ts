import { oneLine } from "../../support/printable.js";
import { type CronTimes, rangesText } from "./cron-times.js";
import { type Emitter, EngineRefusal, refuseClockChange } from "./emitter.js";
import { unitArgument, unitText } from "./unit-text.js";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export const systemd: Emitter = {
  emit(input) {
    refuseClockChange(input, "systemd");
    const { gameDay, schedule, catchUp, slug, cwd, program } = input;
    const title = unitText(`Game day: ${oneLine(gameDay.data.name)}`);
    const command = [...program, "schedule", "--now", gameDay.path];
    const unit = `faultline-${slug}`;
    const service = `[Unit]
Description=${title}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory=${unitText(cwd)}
ExecStart=${command.map(unitArgument).join(" ")}
# SIGTERM undoes the fault and stops the services before faultline ends; its helpers are left alone meanwhile.
KillMode=mixed
TimeoutStopSec=120
`;
    const timer = `[Unit]
Description=${title}

[Timer]
${calendarLines(input.times)
  .map((line) => `OnCalendar=${line} ${schedule.timezone}`)
  .join("\n")}
AccuracySec=1s
Persistent=${catchUp === "once" ? "true" : "false"}

[Install]
WantedBy=timers.target
`;
    return [
      { name: `${unit}.service`, text: service },
      { name: `${unit}.timer`, text: timer },
    ];
  },
};

/**
 * For OnCalendar=, without the zone. systemd wants both a day of the month and a weekday to hold. So a line that
 * accepts either becomes two.
 * @throws EngineRefusal.
 */
export function calendarLines(times: CronTimes): readonly string[] {
  const clock = `${clockPart(times.hours, 24)}:${clockPart(times.minutes, 60)}:00`;
  const month = times.months === null ? "*" : rangesText(times.months, "..", 2);
  const on = (weekday: string, day: string) => `${weekday}*-${month}${day} ${clock}`;
  const days = dayParts(times);
  const weekdays = weekdayParts(times);
  if (days === null && weekdays === null) return [on("", "-*")];
  return [
    ...(days ?? []).map((day) => on("", day)),
    ...(weekdays ?? []).map(({ weekday, day }) => on(`${weekday} `, day)),
  ];
}

function clockPart(values: readonly number[], all: number): string {
  return values.length === all ? "*" : rangesText(values, "..", 2);
}

/** @returns null for any day. */
function dayParts({ days, dayField, special }: CronTimes): readonly string[] | null {
  if (special !== null && /[LW+]/i.test(dayField)) {
    // ~01 is the last day of a month.
    if (/^L$/i.test(dayField)) return ["~01"];
    throw inexpressible(dayField);
  }
  return days && [`-${rangesText(days, "..", 2)}`];
}

/** @returns null for any weekday. */
function weekdayParts({
  weekdays,
  weekdayField,
  special,
}: CronTimes): readonly { readonly weekday: string; readonly day: string }[] | null {
  if (special !== null && /[LW#+]/i.test(weekdayField.replace(/WED/gi, ""))) {
    const [, name = "", sign = "", week = ""] = /^([A-Z]{3}|[0-7])(#|L)([1-5]?)$/i.exec(weekdayField) ?? [];
    const weekday = WEEKDAYS.find(
      (one, index) => one === capital(name) || String(index) === String(Number(name) % 7),
    );
    if (weekday === undefined) throw inexpressible(weekdayField);
    if (sign.toUpperCase() === "L" && week === "") return [{ weekday, day: "~07/1" }];
    const first = (Number(week) - 1) * 7 + 1;
    if (sign !== "#" || week === "") throw inexpressible(weekdayField);
    return [{ weekday, day: `-${String(first).padStart(2, "0")}..${Math.min(first + 6, 31)}` }];
  }
  if (weekdays === null) return null;
  return [{ weekday: weekdays.map((day) => WEEKDAYS[day]).join(","), day: "-*" }];
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}

function inexpressible(field: string): EngineRefusal {
  const message = `systemd has no words for \`${field}\``;
  return new EngineRefusal(
    "cron",
    message,
    "Write plain days, or emit cron, where faultline itself decides.",
  );
}
