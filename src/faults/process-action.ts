/** The actions of the driver "process": kinds make them, the driver carries them out on the processes of a service. */

import { z } from "zod";
import { formatSeconds } from "../support/format.js";
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
