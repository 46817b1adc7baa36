import { FaultlineError } from "../../../support/errors.js";
import { isRecord } from "../../../support/processes/read-back.js";
import type { EngineAccess } from "./engine-access.js";
import {
  type ContainerLook,
  type EndpointConfig,
  type ListedContainer,
  readContainer,
  readContainers,
  readSwarmService,
  readTasks,
  type SwarmService,
  type SwarmTask,
} from "./engine-answers.js";
import { callEngine, type EngineCall, isRefusal } from "./engine-call.js";

/** The API's minor versions (of 1.x) that its published documents were read for. */
const WANTED = 44;
/** That of Docker 19.03. */
const LEAST = 40;

/** A look that takes longer says nothing of the moment. */
const LOOK_MS = 5_000;
/** A kill waits until the container is gone: the engine gives that 12 s itself. */
const DEED_MS = 20_000;

export interface EngineVersion {
  /** "27.3.1". */
  readonly engine: string;
  /** The version of the API that is spoken: "1.44". */
  readonly api: string;
  /** The newest one that the engine speaks. */
  readonly newest: string;
}

/**
 * The calls of a Docker engine's API that faults need. Each is bounded in time, and each says what it does to one container or
 * service. Methods throw FaultlineError DOCKER_UNREACHABLE and DockerRefusal.
 */
export class DockerEngine {
  readonly access: EngineAccess;
  #version: Promise<EngineVersion> | null = null;

  constructor(access: EngineAccess) {
    this.access = access;
  }

  /** Is asked once. @throws FaultlineError DOCKER_REFUSED: the engine is too old. */
  version(): Promise<EngineVersion> {
    this.#version ??= this.#negotiated().catch((error) => {
      this.#version = null;
      throw error;
    });
    return this.#version;
  }

  /** All containers, also those that do not run. */
  async containers(): Promise<readonly ListedContainer[]> {
    const answer = await this.#get("/containers/json", { all: "true" });
    return readContainers(answer) ?? this.#unread("the list of containers");
  }

  /** @returns null when there is no such container. */
  async container(id: string): Promise<ContainerLook | null> {
    const answer = await orNull(this.#get(`/containers/${id}/json`));
    return answer === null ? null : (readContainer(answer) ?? this.#unread("the state of a container"));
  }

  /** Resolves when a signal that cannot be ignored has ended it, or when another one was sent. */
  kill(id: string, signal: string): Promise<void> {
    return this.#post(`/containers/${id}/kill`, { signal });
  }

  /** Resolves when it has ended. @param graceS null: its own. */
  stop(id: string, graceS: number | null, wholeGraceS: number): Promise<void> {
    return this.#post(`/containers/${id}/stop`, graceOf(graceS), DEED_MS + wholeGraceS * 1000);
  }

  /** Resolves when it runs again. @param graceS null: its own. */
  restart(id: string, graceS: number | null, wholeGraceS: number): Promise<void> {
    return this.#post(`/containers/${id}/restart`, graceOf(graceS), DEED_MS + wholeGraceS * 1000);
  }

  /** Resolves also when it runs already. */
  async start(id: string): Promise<void> {
    await this.#post(`/containers/${id}/start`).catch((error) => {
      if (!isRefusal(error, 304)) throw error;
    });
  }

  pause(id: string): Promise<void> {
    return this.#post(`/containers/${id}/pause`);
  }

  unpause(id: string): Promise<void> {
    return this.#post(`/containers/${id}/unpause`);
  }

  async connect(networkId: string, container: string, config: EndpointConfig): Promise<void> {
    await this.#send(`/networks/${networkId}/connect`, { Container: container, EndpointConfig: config });
  }

  async disconnect(networkId: string, container: string): Promise<void> {
    await this.#send(`/networks/${networkId}/disconnect`, { Container: container, Force: false });
  }

  /** @param name or id. @returns null when there is no such service. */
  async swarmService(name: string): Promise<SwarmService | null> {
    const answer = await orNull(this.#get(`/services/${encodeURIComponent(name)}`));
    return answer === null ? null : (readSwarmService(answer) ?? this.#unread("a Swarm service"));
  }

  async swarmServices(): Promise<readonly SwarmService[]> {
    const answer = await this.#get("/services");
    const read = Array.isArray(answer) ? answer.map(readSwarmService) : [null];
    return read.every((each) => each !== null) ? read : this.#unread("the list of Swarm services");
  }

  /** All tasks of a service, also those that have ended and are still listed. */
  async tasks(serviceId: string): Promise<readonly SwarmTask[]> {
    const answer = await this.#get("/tasks", { filters: JSON.stringify({ service: [serviceId] }) });
    return readTasks(answer) ?? this.#unread("the list of tasks");
  }

  /** Refused when the service has changed since `version` was read. */
  async updateSwarmService({ id, version }: SwarmService, spec: SwarmService["spec"]): Promise<void> {
    await this.#send(`/services/${id}/update`, spec, { version: String(version) });
  }

  async #negotiated(): Promise<EngineVersion> {
    const answer = await callEngine(this.access, { method: "GET", path: "/version", timeoutMs: LOOK_MS });
    const minor = (text: unknown) =>
      typeof text === "string" ? Number(/^1\.(\d+)$/.exec(text)?.[1]) : Number.NaN;
    const { ApiVersion, MinAPIVersion, Version } = isRecord(answer) ? answer : {};
    const [most, least] = [minor(ApiVersion), minor(MinAPIVersion)];
    if (Number.isNaN(most)) return this.#unread("its version");
    if (most < LEAST) {
      const message = `the Docker engine at ${this.access.host} speaks version ${String(ApiVersion)} of its API at most; 1.${LEAST} (Docker 19.03) or a later one is needed`;
      throw new FaultlineError("DOCKER_REFUSED", message);
    }
    const api = Math.min(Math.max(WANTED, Number.isNaN(least) ? 0 : least), most);
    const engine = typeof Version === "string" ? Version : "of unknown version";
    return { engine, api: `1.${api}`, newest: `1.${most}` };
  }

  #get(path: string, query: EngineCall["query"] = {}): Promise<unknown> {
    return this.#call({ method: "GET", path, query, timeoutMs: LOOK_MS });
  }

  async #post(path: string, query: EngineCall["query"] = {}, timeoutMs = DEED_MS): Promise<void> {
    await this.#call({ method: "POST", path, query, timeoutMs });
  }

  #send(path: string, body: unknown, query: EngineCall["query"] = {}): Promise<unknown> {
    return this.#call({ method: "POST", path, query, body, timeoutMs: DEED_MS });
  }

  async #call(call: EngineCall): Promise<unknown> {
    const { api, newest } = await this.version();
    // An engine leaves out of a spec what is newer than the version that is spoken. A service's whole spec is sent back.
    const spoken = call.path.startsWith("/services") ? newest : api;
    return callEngine(this.access, { ...call, path: `/v${spoken}${call.path}` });
  }

  #unread(what: string): never {
    const message = `the Docker engine at ${this.access.host} cannot be asked: what it says is not ${what}`;
    throw new FaultlineError("DOCKER_UNREACHABLE", message);
  }
}

function graceOf(graceS: number | null): Readonly<Record<string, string>> {
  return graceS === null ? {} : { t: String(graceS) };
}

async function orNull(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}
