/** What an engine's answers say, as far as it is used here. Read by hand: watchdogs keep this in memory. */

import { isRecord } from "../../../support/processes/read-back.js";

type Fields = Readonly<Record<string, unknown>>;

/** A container in a list. */
export interface ListedContainer {
  readonly id: string;
  /** Without the slash in front. */
  readonly names: readonly string[];
  /** "running", "paused", "exited" … */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A container as it is now. */
export interface ContainerLook {
  readonly id: string;
  readonly name: string;
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  /** Waiting for its restart policy to start it. */
  readonly isRestarting: boolean;
  readonly exitCode: number;
  /** As the engine writes it. Two starts never have the same. */
  readonly startedAt: string;
  /** How often its restart policy has started it. */
  readonly restarts: number;
  /** "no", "always", "on-failure" … */
  readonly restartPolicy: string;
  /** The engine removes it when it ends. */
  readonly isRemovedAtEnd: boolean;
  /** Seconds between its stop signal and SIGKILL. null: the engine's usual ones. */
  readonly stopTimeoutS: number | null;
  /** "host", "none", "container:…", or the name of its first network. */
  readonly networkMode: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, EndpointLook>>;
  /** Ports of the engine's machine that lead to it: "0.0.0.0" and 6379. */
  readonly published: readonly { readonly host: string; readonly port: number }[];
}

/** How a container is on a network. */
export interface EndpointLook {
  readonly networkId: string;
  /** null: none now. */
  readonly address: string | null;
  /** What somebody has set, to be set again. */
  readonly config: EndpointConfig;
}

/** EndpointConfig of the engine's API, without what the engine works out. */
export type EndpointConfig = Readonly<
  Partial<Record<"IPAMConfig" | "Links" | "Aliases" | "DriverOpts" | "GwPriority", unknown>>
>;

const CONFIG_KEYS = ["IPAMConfig", "Links", "Aliases", "DriverOpts", "GwPriority"] as const;

/** @returns null when it is no list of containers. */
export function readContainers(answer: unknown): readonly ListedContainer[] | null {
  if (!Array.isArray(answer)) return null;
  const read = answer.map((each: unknown): ListedContainer | null => {
    if (!isRecord(each) || typeof each.Id !== "string") return null;
    const names = Array.isArray(each.Names) ? each.Names.filter((name) => typeof name === "string") : [];
    return {
      id: each.Id,
      names: names.map((name) => name.replace(/^\//, "")),
      state: textOf(each.State),
      labels: textsOf(each.Labels),
    };
  });
  return read.every((each) => each !== null) ? read : null;
}

/** @returns null when it is no container. */
export function readContainer(answer: unknown): ContainerLook | null {
  if (!isRecord(answer) || typeof answer.Id !== "string" || !isRecord(answer.State)) return null;
  const { State: state } = answer;
  const config = engineFields(answer.Config);
  const hostConfig = engineFields(answer.HostConfig);
  const network = engineFields(answer.NetworkSettings);
  const policy = textOf(engineFields(hostConfig.RestartPolicy).Name);
  const id = answer.Id;
  return {
    id,
    name: textOf(answer.Name).replace(/^\//, ""),
    // An engine says of one that waits for its restart policy that it runs.
    isRunning: state.Running === true && state.Restarting !== true,
    isPaused: state.Paused === true,
    isRestarting: state.Restarting === true,
    exitCode: numberOf(state.ExitCode),
    startedAt: textOf(state.StartedAt),
    restarts: numberOf(answer.RestartCount),
    restartPolicy: policy === "" ? "no" : policy,
    isRemovedAtEnd: hostConfig.AutoRemove === true,
    stopTimeoutS: typeof config.StopTimeout === "number" ? config.StopTimeout : null,
    networkMode: textOf(hostConfig.NetworkMode),
    labels: textsOf(config.Labels),
    networks: Object.fromEntries(
      Object.entries(engineFields(network.Networks)).map(([name, each]) => [
        name,
        endpointOf(engineFields(each), id),
      ]),
    ),
    published: publishedOf(engineFields(network.Ports)),
  };
}

function endpointOf(endpoint: Fields, id: string): EndpointLook {
  const config = CONFIG_KEYS.flatMap((key): [string, unknown][] => {
    const value = key === "Aliases" ? withoutOwnId(endpoint[key], id) : endpoint[key];
    return value === undefined || value === null ? [] : [[key, value]];
  });
  const address = textOf(endpoint.IPAddress) || textOf(endpoint.GlobalIPv6Address);
  return {
    networkId: textOf(endpoint.NetworkID),
    address: address === "" ? null : address,
    config: Object.fromEntries(config),
  };
}

/** Engines before API 1.45 list the id of a container among its aliases, and add it again by themselves. */
function withoutOwnId(aliases: unknown, id: string): unknown {
  return Array.isArray(aliases) ? aliases.filter((alias) => alias !== id.slice(0, 12)) : aliases;
}

function publishedOf(ports: Fields): ContainerLook["published"] {
  return Object.values(ports).flatMap((bindings) => {
    if (!Array.isArray(bindings)) return [];
    return bindings
      .filter(isRecord)
      .map(({ HostIp, HostPort }) => ({ host: textOf(HostIp), port: Number(HostPort) }));
  });
}

/** A Swarm service. */
export interface SwarmService {
  readonly id: string;
  readonly name: string;
  /** Has to be said with a change, so that none is lost. */
  readonly version: number;
  /** null: one task on each node, or a job. */
  readonly replicas: number | null;
  /** All of it, to be sent back with a change. */
  readonly spec: Fields;
}

/** @returns null when it is no Swarm service. */
export function readSwarmService(answer: unknown): SwarmService | null {
  if (!isRecord(answer) || typeof answer.ID !== "string" || !isRecord(answer.Spec)) return null;
  const { Index } = engineFields(answer.Version);
  const { Replicas } = engineFields(engineFields(answer.Spec.Mode).Replicated);
  return {
    id: answer.ID,
    name: textOf(answer.Spec.Name),
    version: numberOf(Index),
    replicas: typeof Replicas === "number" ? Replicas : null,
    spec: answer.Spec,
  };
}

/** A task of a Swarm service. */
export interface SwarmTask {
  readonly id: string;
  readonly isRunning: boolean;
  /** Whether it is meant to run. */
  readonly isWanted: boolean;
  /** "" before it has one. */
  readonly containerId: string;
  /** Counts the updates by force of the spec that it was made by. */
  readonly forcedUpdate: number;
}

/** @returns null when it is no list of tasks. */
export function readTasks(answer: unknown): readonly SwarmTask[] | null {
  if (!Array.isArray(answer) || !answer.every(isRecord)) return null;
  return answer.map(({ ID, Status, DesiredState, Spec }) => ({
    id: textOf(ID),
    isRunning: engineFields(Status).State === "running",
    isWanted: DesiredState === "running",
    containerId: textOf(engineFields(engineFields(Status).ContainerStatus).ContainerID),
    forcedUpdate: numberOf(engineFields(Spec).ForceUpdate),
  }));
}

export function engineFields(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(engineFields(value)).flatMap(([key, each]) =>
    typeof each === "string" ? [[key, each]] : [],
  );
  return Object.fromEntries(texts);
}
