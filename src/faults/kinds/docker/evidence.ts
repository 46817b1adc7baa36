/** What the driver "docker" has seen of containers and Swarm services, by the word of their engine. Records hold it. */

import { z } from "zod";
import { countOf } from "../../../support/count-of.js";
import { formatSeconds } from "../../../support/format.js";
import type { TargetProof } from "../../proof.js";
import { DOCKER } from "./action.js";

const seconds = z.number().nullable();

/** How often the engine was asked about a target. */
const looks = {
  looks: z.number(),
  /** Of these, those that it did not answer. */
  unanswered: z.number(),
  /** Whether it answered the last one. */
  isAnswered: z.boolean(),
};

/** Times count from when the fault was put in place. */
const evidenceSchema = z.discriminatedUnion("deed", [
  z.object({
    deed: z.enum(["kill", "stop", "restart"]),
    /** null: as its own stop signal says. */
    signal: z.string().nullable(),
    /** By the engine; null: it has not ended, or was started again before it was seen to have ended. */
    exitCode: z.number().nullable(),
    /** null: it has not ended. */
    goneAfterS: seconds,
    /** An end that came later was not the fault's. null: an earlier version took any. */
    withinS: seconds.default(null),
    /** Between the stop signal and SIGKILL. null: none is sent, or an earlier version did not say. */
    graceS: seconds.default(null),
    /** The engine's words when it would not. null: it did not refuse. */
    refusal: z.string().nullable().default(null),
    /** null: nobody has removed it. */
    removedAfterS: seconds.default(null),
    lookedForS: z.number(),
    /** null: it was not started again. */
    backAfterS: seconds,
    /** Who started it again. null: nobody. */
    backBy: z.enum(["faultline", "restart policy", "somebody else"]).nullable(),
    restartPolicy: z.string(),
    ...looks,
  }),
  z.object({
    deed: z.literal("pause"),
    /** Looks that found it not paused. */
    loose: z.number(),
    ...looks,
  }),
  z.object({
    deed: z.literal("disconnect"),
    networks: z.array(z.string()),
    /** Looks that found it on one of these networks. */
    loose: z.number(),
    ...looks,
  }),
  z.object({
    deed: z.literal("scale"),
    from: z.number(),
    to: z.number(),
    /** Tasks that ran at the last look. null: the engine did not say. */
    running: z.number().nullable(),
    /** null: it never had so many tasks. */
    reachedAfterS: seconds,
    /** The number of tasks that somebody else has asked for meanwhile. null: nobody has. */
    changedTo: z.number().nullable(),
    lookedForS: z.number(),
    ...looks,
  }),
  z.object({
    deed: z.literal("kill_task"),
    signal: z.string(),
    /** Each that was to be killed. `goneAfterS` null: it ran still. */
    tasks: z.array(z.object({ name: z.string(), goneAfterS: seconds })),
    /** Tasks that ran before. */
    of: z.number(),
    /** An end that came later was not the fault's. */
    withinS: z.number(),
    /** When as many others ran. null: not yet. */
    replacedAfterS: seconds,
    lookedForS: z.number(),
    ...looks,
  }),
  z.object({
    deed: z.literal("update"),
    tasks: z.number(),
    /** New tasks that ran at the last look. */
    replaced: z.number(),
    lookedForS: z.number(),
    ...looks,
  }),
]);

export type DockerEvidence = z.output<typeof evidenceSchema>;
export type EvidenceOfDeed<Deed extends DockerEvidence["deed"]> = Extract<DockerEvidence, { deed: Deed }>;

export function dockerTarget(target: string, evidence: DockerEvidence): TargetProof {
  return { driver: DOCKER, target, evidence };
}

/** @returns null when it is of another driver, or of a later version. */
export function dockerEvidenceOf({ driver, evidence }: TargetProof): DockerEvidence | null {
  return driver === DOCKER ? (evidenceSchema.safeParse(evidence).data ?? null) : null;
}

/** What was seen: for after the target's name, without a full stop. */
export function tellDocker(seen: DockerEvidence): string {
  if (!seen.isAnswered)
    return `could not be looked at in the end: the engine did not answer ${seen.unanswered} of ${countOf(seen.looks, "look")}`;
  switch (seen.deed) {
    case "kill":
    case "stop":
    case "restart":
      return tellEnd(seen);
    case "pause":
      return seen.loose > 0
        ? `did not stay paused: ${atLooks(seen)} it ran, so somebody else let it go on`
        : `was paused at each of ${answered(seen)}`;
    case "disconnect": {
      const networks = seen.networks.join(", ");
      return seen.loose > 0
        ? `did not stay cut off from ${networks}: ${atLooks(seen)} it was on it`
        : `was cut off from ${networks} at each of ${answered(seen)}`;
    }
    case "scale":
      return tellScale(seen);
    case "kill_task":
      return tellTasks(seen);
    case "update":
      return `had ${seen.replaced} of ${countOf(seen.tasks, "task")} replaced after ${formatSeconds(seen.lookedForS)}`;
  }
}

/** An end that takes longer is told with its time: until then the fault was none. */
const LONG_END_S = 1;

const DONE = { kill: "killed", stop: "stopped", restart: "restarted" } as const;

function tellEnd(seen: EvidenceOfDeed<"kill" | "stop" | "restart">): string {
  const { deed, signal, exitCode, goneAfterS, lookedForS, backAfterS, backBy } = seen;
  const { withinS, graceS, refusal, removedAfterS } = seen;
  const by = signal === null ? "" : ` (${signal})`;
  const asked = deed === "kill" ? `did not end on ${signal ?? "its signal"}` : "was not stopped";
  if (refusal !== null) return `was not ${DONE[deed]}${by}: ${refusal}`;
  if (removedAfterS !== null)
    return `was removed by somebody else ${formatSeconds(removedAfterS)} after it was to be ${DONE[deed]}${by}, so that another one may serve in its place`;
  if (goneAfterS === null) {
    const help =
      graceS === null || lookedForS > graceS
        ? ""
        : `. The engine waits ${formatSeconds(graceS)} before SIGKILL: write \`grace: 1s\`, or let the fault last longer`;
    return `${asked}: it still ran ${formatSeconds(lookedForS)} later${help}`;
  }
  if (withinS !== null && goneAfterS > withinS)
    return `${asked}: it ended only ${formatSeconds(goneAfterS)} later, by something else`;
  const took = goneAfterS < LONG_END_S ? "" : `, which took ${formatSeconds(goneAfterS)}`;
  const code = exitCode === null ? "" : `, exit code ${exitCode}`;
  const done = `was ${DONE[deed]}${by}${took}${code}`;
  if (backAfterS === null) return `${done}, and stayed down`;
  const back = formatSeconds(backAfterS);
  if (deed === "restart") return `${done}, and ran again after ${back}`;
  if (backBy === "faultline") return `${done}, and was started again after ${back}`;
  const who = backBy === "restart policy" ? `its restart policy (${seen.restartPolicy})` : "somebody else";
  return `${done}, but ${who} started it again after ${back}, so that the fault was over then`;
}

function tellScale({
  from,
  to,
  running,
  reachedAfterS,
  changedTo,
  lookedForS,
}: EvidenceOfDeed<"scale">): string {
  if (changedTo !== null)
    return `was scaled from ${from} to ${to}, and somebody else scaled it to ${changedTo} meanwhile`;
  if (reachedAfterS !== null)
    return `was scaled from ${from} to ${to}, which it had after ${formatSeconds(reachedAfterS)}`;
  const still = running === null ? "" : `: ${running} ran`;
  return `was scaled from ${from} to ${to}, and never had so many${still} after ${formatSeconds(lookedForS)}`;
}

function tellTasks(seen: EvidenceOfDeed<"kill_task">): string {
  const { tasks, of, signal, withinS, replacedAfterS, lookedForS } = seen;
  const late = tasks.find(({ goneAfterS }) => goneAfterS === null || goneAfterS > withinS);
  if (late?.goneAfterS === null)
    return `had ${late.name} sent ${signal}, which still ran ${formatSeconds(lookedForS)} later`;
  if (late)
    return `had ${late.name} sent ${signal}, which ended only ${formatSeconds(late.goneAfterS ?? 0)} later, by something else`;
  const done = `had ${tasks.length} of ${countOf(of, "task")} killed (${signal})`;
  const others = tasks.length === 1 ? "another" : `${tasks.length} others`;
  return replacedAfterS === null
    ? `${done}, and Swarm had not started ${others} in ${tasks.length === 1 ? "its" : "their"} place ${formatSeconds(lookedForS)} later`
    : `${done}, and ${others} ran in ${tasks.length === 1 ? "its" : "their"} place after ${formatSeconds(replacedAfterS)}`;
}

function answered({ looks, unanswered }: { readonly looks: number; readonly unanswered: number }): string {
  return countOf(looks - unanswered, "look");
}

function atLooks(seen: {
  readonly loose: number;
  readonly looks: number;
  readonly unanswered: number;
}): string {
  return `at ${seen.loose} of ${answered(seen)}`;
}
