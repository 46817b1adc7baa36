import { isRecord } from "../../../support/processes/read-back.js";
import { type EngineAccess, isEngineAccess } from "../client/engine-access.js";
import type { EndpointConfig } from "../client/engine-answers.js";

interface OnEngine {
  readonly engine: EngineAccess;
  readonly id: string;
  /** Of the container or the Swarm service. */
  readonly name: string;
  /** It is known to be undone, or never to have been done. */
  readonly isOver?: boolean;
}

/** A deed may still be carried out so long after it was asked for, in seconds: a busy engine, or a process that dies slowly. */
export const LATE_S = 12;

/** A container that was to be paused. */
export interface PausedContainer extends OnEngine {
  readonly deed: "pause";
  /** When it was started that time. */
  readonly startedAt: string;
  readonly withinS: number;
  readonly atMs: number;
}

/** A container that was to be ended, by whatever way. */
export interface EndedContainer extends OnEngine {
  readonly deed: "end";
  readonly startedAt: string;
  /** How long the engine may take to end it, in seconds: the deed may still go on. */
  readonly withinS: number;
  /** When that began, by the clock of the system: milliseconds since 1970. */
  readonly atMs: number;
}

/** A container that was to be taken off a network. */
export interface CutContainer extends OnEngine {
  readonly deed: "cut";
  readonly network: string;
  readonly networkId: string;
  readonly address: string | null;
  readonly config: EndpointConfig;
  readonly withinS: number;
  readonly atMs: number;
}

/** A Swarm service that was to be scaled. */
export interface ScaledService extends OnEngine {
  readonly deed: "scale";
  readonly from: number;
  readonly to: number;
}

/** What journals know of a deed: all that its undoing needs. */
export type EngineDeed = PausedContainer | EndedContainer | CutContainer | ScaledService;

export function isEngineDeed(value: unknown): value is EngineDeed {
  if (!isRecord(value) || !isEngineAccess(value.engine) || typeof value.name !== "string") return false;
  // It becomes a part of a path of the engine's API.
  if (typeof value.id !== "string" || !/^[A-Za-z0-9]+$/.test(value.id)) return false;
  switch (value.deed) {
    case "pause":
    case "end":
      return typeof value.startedAt === "string" && isCount(value.withinS) && isCount(value.atMs);
    case "cut":
      return (
        typeof value.network === "string" &&
        typeof value.networkId === "string" &&
        // Podman gives the name for it.
        /^[A-Za-z0-9][\w.-]*$/.test(value.networkId) &&
        isRecord(value.config) &&
        isCount(value.withinS) &&
        isCount(value.atMs)
      );
    case "scale":
      return isCount(value.from) && isCount(value.to);
    default:
      return false;
  }
}

/** The same for each entry about the same deed on the same thing. */
export function deedKey(deed: EngineDeed): string {
  return [deed.engine.host, deed.id, deed.deed, "networkId" in deed ? deed.networkId : ""].join(" ");
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

export function engineDeedText({ deed, name, ...rest }: EngineDeed): string {
  switch (deed) {
    case "pause":
      return `paused container "${name}"`;
    case "end":
      return `ended container "${name}"`;
    case "cut":
      return `container "${name}" cut off from network "${"network" in rest ? rest.network : ""}"`;
    case "scale":
      return `scaled Swarm service "${name}"`;
  }
}
