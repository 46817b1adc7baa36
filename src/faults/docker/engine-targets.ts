/** What an action acts on now, and the holds that carry it out. */

import { FaultlineError } from "../../support/errors.js";
import { nearest } from "../../support/names/suggestion.js";
import type { FaultAction } from "../fault-action.js";
import { type ContainerDeed, type DockerSpec, dockerSpecOf } from "../kinds/docker/action.js";
import type { ContainerLook, SwarmService } from "./client/engine-answers.js";
import type { DockerEngine } from "./client/engine-api.js";
import { ContainerEnd } from "./containers/container-end.js";
import { ContainerPause } from "./containers/container-pause.js";
import { chosenOf, findContainers, refuseTarget } from "./containers/find-containers.js";
import type { EngineContext, EngineHold } from "./containers/hold.js";
import { NetworkCut } from "./containers/network-cut.js";
import { ServiceScale } from "./swarm/service-scale.js";
import { ServiceUpdate } from "./swarm/service-update.js";
import { localTasks, TaskKill } from "./swarm/task-kill.js";

const SWARM_SERVICE = "com.docker.swarm.service.name";

export interface TargetsContext extends EngineContext {
  /** Compose project. null: the only one that has such a service. */
  readonly project: string | null;
  readonly seed: number;
}

/** A hold, and what it is done to as it was found. */
export interface FoundHold {
  readonly hold: EngineHold;
  /** null: it is a Swarm service. */
  readonly container: ContainerLook | null;
}

/**
 * Finds what an action acts on. Nothing is done yet.
 * @throws FaultlineError DOCKER_TARGET: it is not there, is not in a state for it, or is more than is allowed.
 */
export async function holdsFor(action: FaultAction, context: TargetsContext): Promise<readonly FoundHold[]> {
  const spec = dockerSpecOf(action);
  // The schema of the scenario lets no other through.
  if (spec === null) throw new Error(`nothing is known of this "${action.kind}"`);
  const { target } = action;
  const deed = spec.do;
  if (deed.deed === "scale" || deed.deed === "update") {
    const service = await findSwarmService(context.engine, target);
    const hold =
      deed.deed === "scale"
        ? new ServiceScale(service, deed.replicas, context)
        : new ServiceUpdate(service, context);
    return [{ hold, container: null }];
  }
  if (spec.who === "swarm" && deed.deed === "kill")
    return [{ hold: await killOf(target, spec, deed.signal, context), container: null }];
  return await ofContainers(target, { ...spec, do: deed }, context);
}

async function killOf(
  target: string,
  spec: DockerSpec,
  signal: string,
  context: TargetsContext,
): Promise<EngineHold> {
  const { engine } = context;
  const service = await findSwarmService(engine, target);
  const all = await engine.containers();
  const local = localTasks(service, await engine.tasks(service.id), all);
  const found = local.map(({ container }) => container).sort((a, b) => (a.names < b.names ? -1 : 1));
  const chosen = chosenOf(found, { target, spec, ...context });
  return new TaskKill(
    service,
    local.filter(({ container }) => chosen.includes(container)),
    signal,
    context,
  );
}

async function ofContainers(
  target: string,
  spec: DockerSpec & { readonly do: ContainerDeed },
  context: TargetsContext,
): Promise<readonly FoundHold[]> {
  const listed = await findContainers(context.engine, { target, spec, ...context });
  const found: FoundHold[] = [];
  for (const { id } of listed) {
    const container = await context.engine.container(id);
    if (container === null) refuseTarget(`a container of "${target}" was removed while it was looked at`);
    refuseUnfit(container, spec.do);
    found.push({ hold: holdOf(container, spec.do, context), container });
  }
  return found;
}

function holdOf(container: ContainerLook, deed: ContainerDeed, context: EngineContext): EngineHold {
  switch (deed.deed) {
    case "pause":
      return new ContainerPause(container, context);
    case "disconnect":
      return new NetworkCut(container, deed.networks, context);
    default:
      return new ContainerEnd(container, deed, context);
  }
}

/** What could not be put back is not done. */
function refuseUnfit(
  { name, isRunning, isPaused, isRemovedAtEnd, labels }: ContainerLook,
  { deed }: ContainerDeed,
): void {
  if (!isRunning) refuseTarget(`container ${name} does not run`);
  if (isPaused) refuseTarget(`container ${name} is paused already`);
  const swarm = labels[SWARM_SERVICE];
  if (swarm !== undefined)
    refuseTarget(
      `container ${name} is a task of Swarm service "${swarm}", which replaces it. Name the service: docker: { swarm: ${swarm}, kill: SIGKILL, pick: 1 }`,
    );
  if (isRemovedAtEnd && deed !== "pause" && deed !== "disconnect")
    refuseTarget(
      `container ${name} was started with --rm: once it ends the engine removes it, and it could not be started again`,
    );
}

async function findSwarmService(engine: DockerEngine, name: string): Promise<SwarmService> {
  const service = await asked(() => engine.swarmService(name));
  // An engine takes the begin of an id for a name.
  if (service !== null && (service.name === name || service.id === name)) return service;
  const names = (await asked(() => engine.swarmServices())).map((each) => each.name).sort();
  const near = nearest(name, names);
  const known = names.length === 0 ? "there are none" : `there are: ${names.join(", ")}`;
  refuseTarget(`there is no Swarm service "${name}"; ${near === null ? known : `did you mean "${near}"?`}`);
}

/** An engine that is no manager refuses with 503, and says why. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FaultlineError && "status" in error && error.status === 503)
      throw new FaultlineError(
        "DOCKER_TARGET",
        `Swarm services are known to managers alone: ${error.message}`,
        { cause: error },
      );
    throw error;
  }
}
