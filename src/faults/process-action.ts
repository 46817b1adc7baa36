/** The actions of the driver "process": kinds make them, the driver carries them out on the processes of a service. */

import { z } from "zod";
import { formatBytes, formatCount, formatSeconds } from "../support/format.js";
import type { FaultAction } from "./fault-action.js";

export const PROCESS = "process";

/** One kind does its deed to all processes of a service: there is room for one. */
export const PROCESS_SLOT = ["processes"];
export const PROCESS_CLASH = "cannot both be done to the processes of the same service";

export function processAction(kind: string, target: string, spec: FaultAction["spec"]): FaultAction {
  return { kind, driver: PROCESS, target, spec };
}

/** Signals that end a process that does not say otherwise, see signal(7). */
export const ENDING_SIGNALS = [
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGABRT",
  "SIGSEGV",
] as const;

const killSchema = z.object({ signal: z.enum(ENDING_SIGNALS), restartMs: z.number().nullable() });

/** @returns null when the action is no kill. */
export function killOf({ kind, spec }: FaultAction): z.output<typeof killSchema> | null {
  return kind === "kill" ? (killSchema.safeParse(spec).data ?? null) : null;
}

const shareSchema = z.object({ share: z.number() });

/** Of one core. @returns null when the action is no limit of CPU time. */
export function cpuShareOf({ kind, spec }: FaultAction): number | null {
  return kind === "cpu" ? (shareSchema.safeParse(spec).data?.share ?? null) : null;
}

const memorySchema = z.object({ bytes: z.number(), restartMs: z.number().nullable() });

/** @returns null when the action is no limit of memory. */
export function memoryOf({ kind, spec }: FaultAction): z.output<typeof memorySchema> | null {
  return kind === "memory" ? (memorySchema.safeParse(spec).data ?? null) : null;
}

/** In the units that `like` was written in: "64 MiB" of 67108864, "100 MB" of 100000000. */
export function amountText(bytes: number, like = bytes): string {
  const isBinary = like % 1024 === 0;
  return isBinary ? `${Number((bytes / 1024 ** 2).toPrecision(3))} MiB` : formatBytes(bytes);
}

/** "20%", "2.5%". */
export function shareText(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

const seconds = z.number().nullable();

/** What was seen of one action on a service, as records hold it. Times count from when it was put in place. */
const evidenceSchema = z.discriminatedUnion("deed", [
  z.object({ deed: z.literal("nothing"), ending: z.string().nullable() }),
  z.object({
    deed: z.literal("pause"),
    processes: z.number(),
    looks: z.number(),
    /** Of these looks, those that found a process which was not stopped. */
    loose: z.number(),
  }),
  z.object({
    deed: z.literal("kill"),
    signal: z.string(),
    processes: z.number(),
    /** null: some of them were still there. */
    goneAfterS: seconds,
    lookedForS: z.number(),
    /** Whether it is to be started again. */
    isToReturn: z.boolean(),
    /** null: not yet. */
    startedAfterS: seconds,
    readyAfterS: seconds,
  }),
  z.object({
    deed: z.literal("cpu"),
    /** Of one core. */
    share: z.number(),
    /** What held it: a control group with a quota, or stopping and continuing it. */
    way: z.enum(["cgroup v1", "cgroup v2", "stopping"]),
    processes: z.number(),
    forS: z.number(),
    usedS: z.number(),
    /** How often it had used up its share, and was kept from running. */
    timesHeld: z.number(),
    /** It had no more than its share, but for what the measuring leaves open. */
    isHeldTo: z.boolean(),
  }),
  z.object({
    deed: z.literal("memory"),
    bytes: z.number(),
    way: z.enum(["cgroup v1", "cgroup v2"]),
    processes: z.number(),
    /** The most that looks have found, files that were read among it. */
    mostBytes: z.number(),
    /** Whether it has used all of it at some time. */
    hasReached: z.boolean(),
    /** Processes that the kernel has killed for it. */
    killed: z.number(),
    /** Whether it is to be started again when it was killed. */
    isToReturn: z.boolean(),
    restarts: z.number(),
  }),
]);

export type ProcessEvidence = z.output<typeof evidenceSchema>;

/** @returns null where it is of another driver, or of a later version. */
export function processEvidence(evidence: unknown): ProcessEvidence | null {
  return evidenceSchema.safeParse(evidence).data ?? null;
}

/** What was done to a service, and what was seen of it: for after its name, without a full stop. */
export function tellEvidence(seen: ProcessEvidence): string {
  switch (seen.deed) {
    case "nothing":
      return `had no process any more when the fault began${seen.ending === null ? "" : `: it ${seen.ending}`}`;
    case "pause":
      return tellPause(seen);
    case "kill":
      return tellKill(seen);
    case "cpu":
      return tellCpu(seen);
    case "memory":
      return tellMemory(seen);
  }
}

type EvidenceOf<Deed> = Extract<ProcessEvidence, { deed: Deed }>;

function tellPause({ processes, looks, loose }: EvidenceOf<"pause">): string {
  const ofLooks = looks === 1 ? "1 look" : `${looks} looks`;
  if (loose > 0) {
    return `did not stand still: at ${loose} of ${ofLooks} one of its processes was not stopped, so somebody let it go on`;
  }
  return `was paused: ${processes === 1 ? "its process was" : `all ${processes} processes were`} stopped at each of ${ofLooks}`;
}

function tellKill(seen: EvidenceOf<"kill">): string {
  const { signal, goneAfterS, lookedForS, isToReturn, startedAfterS, readyAfterS } = seen;
  if (goneAfterS === null) return `did not end on ${signal}: it still ran ${formatSeconds(lookedForS)} later`;
  const killed = `was killed (${signal})`;
  if (!isToReturn) return `${killed} and stayed dead`;
  if (startedAfterS === null) return `${killed} and was not started again`;
  if (readyAfterS === null)
    return `${killed}, was started again after ${formatSeconds(startedAfterS)} and was not ready by the end of the fault`;
  return `${killed} and came back after ${formatSeconds(readyAfterS)}`;
}

function tellCpu({ share, way, forS, usedS, timesHeld, isHeldTo }: EvidenceOf<"cpu">): string {
  const most = `${shareText(share)} of a core`;
  const used = `it used ${shareText(forS > 0 ? usedS / forS : 0)}`;
  if (timesHeld === 0) return `never needed more than ${most}: ${used}`;
  if (!isHeldTo) return `was not held to ${most}: ${used}`;
  const by = way === "stopping" ? "stopping it and letting it go on" : `a control group, ${way}`;
  return `had at most ${most}: ${used} and was held back ${formatCount(timesHeld)} times (by ${by})`;
}

function tellMemory({
  bytes,
  mostBytes,
  hasReached,
  killed,
  isToReturn,
  restarts,
}: EvidenceOf<"memory">): string {
  const most = `${amountText(bytes)} of memory`;
  if (!hasReached) return `never needed all of ${most}: it used at most ${amountText(mostBytes, bytes)}`;
  const all = `had at most ${most} and used all of it`;
  if (killed === 0)
    return `${all}; the kernel took back what can be read again, and killed none of its processes`;
  const lost = `${all}; the kernel killed ${killed === 1 ? "one" : formatCount(killed)} of its processes`;
  if (!isToReturn) return lost;
  return `${lost}, and it was started again ${restarts === 1 ? "once" : `${restarts} times`}`;
}
