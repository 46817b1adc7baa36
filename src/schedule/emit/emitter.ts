import type { GameDay } from "../../gameday/read-game-day.js";
import type { Schedule } from "../due/due-runs.js";
import type { CronTimes } from "./cron-times.js";

/** What an engine is told of one game day. */
export interface EmitInput {
  readonly gameDay: GameDay;
  readonly schedule: Schedule;
  readonly catchUp: "skip" | "once";
  readonly times: CronTimes;
  /** Hours and minutes that a change of the clock leaves out or repeats, when the schedule names one. */
  readonly clockChange: string | null;
  /** Least time between two runs. */
  readonly leastGapMs: number;
  /** For names of jobs and files. */
  readonly slug: string;
  /** The current folder, absolute. Game days and scenarios are named from there. */
  readonly cwd: string;
  /** Program and first arguments that start faultline on this machine. */
  readonly program: readonly string[];
  readonly image: string;
  /** The files that the game day needs, by path from its folder. Read when an engine must be given them. */
  readonly readFiles: () => Promise<ReadonlyMap<string, string>>;
}

/** A file or text, and where the engine expects it. */
export interface EmittedFile {
  readonly name: string;
  readonly text: string;
}

/** An engine would do something else than the game day says. */
export class EngineRefusal extends Error {
  /** Key of `schedule:` that it cannot follow. null: the scenarios. */
  readonly key: "cron" | "timezone" | "catchUp" | null;
  readonly help: string;

  constructor(key: EngineRefusal["key"], message: string, help: string) {
    super(message);
    this.key = key;
    this.help = help;
  }
}

export interface Emitter {
  /** @throws EngineRefusal. */
  emit(input: EmitInput): Promise<readonly EmittedFile[]> | readonly EmittedFile[];
}

/** Each engine counts an hour that comes twice or not at all in its own way. */
export function refuseClockChange({ clockChange, schedule }: EmitInput, engine: string): void {
  if (clockChange === null) return;
  const what = `${engine} does not keep ${clockChange} ${schedule.timezone} as a game day does when clocks change`;
  throw new EngineRefusal("cron", what, "Write a time that every day has once, or timezone: UTC.");
}

/** Lines of five fields have no words for the end of the month or a weekday's number in it. */
export function refuseSpecials({ times }: EmitInput, engine: string): void {
  if (times.special === null) return;
  const message = `${engine} has no \`${times.special}\` in its cron lines`;
  throw new EngineRefusal("cron", message, "Write plain days, or emit systemd or cron.");
}

export function refuseCatchUp({ catchUp }: EmitInput, engine: string): void {
  if (catchUp === "skip") return;
  const message = `${engine} never runs later what it has missed`;
  throw new EngineRefusal("catchUp", message, "Write catchUp: skip, or emit systemd, cron or kubernetes.");
}

/** Environment variables that the files name. Their values are not known here. */
export function environmentNames(files: ReadonlyMap<string, string>): readonly string[] {
  const named = [...files.values()].flatMap((text) => [...text.matchAll(/\$\{env\.(\w+)/g)]);
  return [...new Set(named.flatMap(([, name]) => name ?? []))];
}
