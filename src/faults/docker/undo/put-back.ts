/** Puts a container or a Swarm service back into the state in which it was found. */

import { setTimeout as wait } from "node:timers/promises";
import { type ContainerLook, engineFields } from "../client/engine-answers.js";
import type { DockerEngine } from "../client/engine-api.js";
import { isRefusal } from "../client/engine-call.js";
import type { CutContainer, EndedContainer, EngineDeed, PausedContainer, ScaledService } from "./deed.js";

const LOOK_MS = 200;
/** Somebody may change a service at the same time. */
const MOST_TRIES = 5;

export interface RestoringOptions {
  readonly dryRun: boolean;
  /** Whether the deed may still be under way, as its process has died. */
  readonly mayPend: boolean;
}

/** What was done, or why it was left as it is. null: nothing had to be done. */
export type PutBack =
  | { readonly id: "restored"; readonly text: string }
  | { readonly id: "left"; readonly what: string; readonly why: string }
  | null;

/** @throws Error: it could not be put back, or could not be looked at. */
export function putBackDeed(
  engine: DockerEngine,
  deed: EngineDeed,
  options: RestoringOptions,
): Promise<PutBack> {
  switch (deed.deed) {
    case "pause":
      return goOn(engine, deed, options);
    case "end":
      return startAgain(engine, deed, options);
    case "cut":
      return reconnect(engine, deed, options);
    case "scale":
      return scaleBack(engine, deed, options);
  }
}

async function goOn(
  engine: DockerEngine,
  deed: PausedContainer,
  options: RestoringOptions,
): Promise<PutBack> {
  const { id, name, startedAt } = deed;
  const isToCome = (now: ContainerLook) => now.isRunning && !now.isPaused && now.startedAt === startedAt;
  const look = await lookedAt(engine, deed, options, isToCome);
  if (look === null) return removed(name);
  if (!look.isPaused) return null;
  if (look.startedAt !== startedAt)
    return left(containerOf(name), "it was started anew since, and somebody else has paused it");
  if (!options.dryRun) await unlessGone(engine, id, () => engine.unpause(id));
  return restored(`let container "${name}" go on`);
}

async function startAgain(
  engine: DockerEngine,
  deed: EndedContainer,
  options: RestoringOptions,
): Promise<PutBack> {
  const { id, name, startedAt } = deed;
  const isToCome = (now: ContainerLook) => now.isRunning && now.startedAt === startedAt;
  const look = await lookedAt(engine, deed, options, isToCome);
  if (look === null) return removed(name);
  if (look.isRunning || look.isRestarting) return null;
  if (look.startedAt !== startedAt)
    return left(containerOf(name), "it was started anew since, and has ended again");
  if (!options.dryRun) await unlessGone(engine, id, () => engine.start(id));
  return restored(`start container "${name}" again`);
}

/** Waits for a deed that is still to come. @returns null when there is no such container any more. */
async function lookedAt(
  engine: DockerEngine,
  { id, withinS, atMs }: EndedContainer | PausedContainer | CutContainer,
  { dryRun, mayPend }: RestoringOptions,
  isToCome: (look: ContainerLook) => boolean,
): Promise<ContainerLook | null> {
  // A clock that was set meanwhile must not make it wait longer than the engine takes.
  const untilMs = Math.min(atMs, Date.now()) + withinS * 1000;
  for (;;) {
    const look = await engine.container(id);
    if (look === null || !isToCome(look) || dryRun || !mayPend || Date.now() >= untilMs) return look;
    await wait(LOOK_MS);
  }
}

async function reconnect(
  engine: DockerEngine,
  deed: CutContainer,
  options: RestoringOptions,
): Promise<PutBack> {
  const { id, name, network, networkId, config } = deed;
  const look = await lookedAt(engine, deed, options, ({ networks }) => network in networks);
  if (look === null) return removed(name);
  if (network in look.networks) return null;
  if (!options.dryRun) {
    try {
      await engine.connect(networkId, id, config);
    } catch (error) {
      if ((await engine.container(id)) === null) return removed(name);
      throw error;
    }
  }
  return restored(`put container "${name}" back on network "${network}"`);
}

async function scaleBack(
  engine: DockerEngine,
  deed: ScaledService,
  { dryRun }: RestoringOptions,
): Promise<PutBack> {
  const { name, from, to } = deed;
  const found = await scaleService(engine, deed.id, { from: to, to: from, dryRun });
  const service = `Swarm service "${name}"`;
  if (found === null) return left(service, REMOVED);
  if (found === to) return restored(`scale ${service} back to ${from}`);
  if (found === from) return null;
  return left(service, `somebody else has scaled it to ${found} since`);
}

/**
 * Scales a service that has `from` tasks, and leaves one that has another number. All else of it stays as it is.
 * @returns the number that it had; null when there is no such service.
 */
export async function scaleService(
  engine: DockerEngine,
  id: string,
  { from, to, dryRun }: { readonly from: number; readonly to: number; readonly dryRun: boolean },
): Promise<number | null> {
  for (let tries = 1; ; tries++) {
    const service = await engine.swarmService(id);
    if (service === null) return null;
    if (service.replicas === null)
      throw new Error(`Swarm service "${service.name}" has no number of tasks any more`);
    if (service.replicas !== from || dryRun) return service.replicas;
    const mode = engineFields(service.spec.Mode);
    const replicated = { ...engineFields(mode.Replicated), Replicas: to };
    try {
      await engine.updateSwarmService(service, {
        ...service.spec,
        Mode: { ...mode, Replicated: replicated },
      });
      return from;
    } catch (error) {
      const now = await engine.swarmService(id);
      // Refused because the service has changed since it was read.
      if (tries < MOST_TRIES && now !== null && now.version !== service.version) continue;
      throw error;
    }
  }
}

/** What is not there any more needs no undoing. */
async function unlessGone(engine: DockerEngine, id: string, deed: () => Promise<void>): Promise<void> {
  try {
    await deed();
  } catch (error) {
    if (isRefusal(error, 404) && (await engine.container(id)) === null) return;
    throw error;
  }
}

const REMOVED = "it was removed meanwhile";

function removed(name: string): PutBack {
  return left(containerOf(name), REMOVED);
}

function left(what: string, why: string): PutBack {
  return { id: "left", what, why };
}

function restored(text: string): PutBack {
  return { id: "restored", text };
}

function containerOf(name: string): string {
  return `container "${name}"`;
}
