import { createHash } from "node:crypto";
import type { Answer } from "./docker-double.js";
import type { ContainerOptions } from "./double-container.js";

export interface SwarmOptions {
  readonly name: string;
  /** null: one task on each node. */
  readonly replicas: number | null;
  /** Tasks begin and end so long after they were asked for. */
  readonly takesMs?: number;
  /** So many of the first tasks, and all later ones, are containers of this engine. Default: none. */
  readonly here?: number;
  /** Default: any. */
  readonly restartCondition?: string;
  /** Of their containers. */
  readonly endsAfterMs?: number | null;
}

/** Puts a container there. */
export type BeginContainer = (options: ContainerOptions) => { readonly id: string };

interface Task {
  readonly id: string;
  state: "running" | "shutdown" | "failed";
  wanted: "running" | "shutdown";
  readonly forcedUpdate: number;
  readonly containerId: string;
}

interface Spec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: {
    readonly ForceUpdate: number;
    readonly RestartPolicy: { readonly Condition: string };
    readonly ContainerSpec: { readonly Image: string; readonly OomScoreAdj?: number };
  };
  readonly Mode: { readonly Replicated?: { readonly Replicas: number }; readonly Global?: object };
}

/** A Swarm service whose tasks are only their state. */
export class DoubleSwarmService {
  readonly id: string;
  readonly name: string;
  isRemoved = false;
  version = 10;
  spec: Spec;
  readonly #takesMs: number;
  readonly #tasks: Task[] = [];
  readonly #options: SwarmOptions;
  readonly #begin: BeginContainer;

  constructor(options: SwarmOptions, begin: BeginContainer) {
    const { name, replicas, takesMs = 0, restartCondition = "any" } = options;
    this.#options = options;
    this.#begin = begin;
    this.name = name;
    this.id = createHash("sha256").update(name).digest("hex").slice(0, 25);
    this.#takesMs = takesMs;
    this.spec = {
      Name: name,
      Labels: { team: "shop" },
      TaskTemplate: {
        ForceUpdate: 0,
        RestartPolicy: { Condition: restartCondition },
        ContainerSpec: { Image: "api:1", OomScoreAdj: 100 },
      },
      Mode: replicas === null ? { Global: {} } : { Replicated: { Replicas: replicas } },
    };
    for (let n = 0; n < (replicas ?? 1); n++) this.#start(n < (options.here ?? 0));
  }

  get replicas(): number {
    return this.spec.Mode.Replicated?.Replicas ?? 1;
  }

  inspected(): object {
    return { ID: this.id, Version: { Index: this.version }, Spec: this.spec };
  }

  tasks(): readonly object[] {
    return this.#tasks.map(({ id, state, wanted, forcedUpdate, containerId }) => ({
      ID: id,
      ServiceID: this.id,
      Spec: { ForceUpdate: forcedUpdate },
      Status: { State: state, ContainerStatus: { ContainerID: containerId } },
      DesiredState: wanted,
    }));
  }

  update(version: number, body: unknown): Answer {
    if (version !== this.version)
      return { status: 500, content: { message: "rpc error: update out of sequence" } };
    const old = this.spec;
    this.spec = body as Spec;
    this.version += 1;
    const isForced = this.spec.TaskTemplate.ForceUpdate !== old.TaskTemplate.ForceUpdate;
    const living = this.#tasks.filter(({ wanted }) => wanted === "running");
    const surplus = isForced ? living : living.slice(this.replicas);
    const missing = isForced ? this.replicas : Math.max(0, this.replicas - living.length);
    for (const task of surplus) task.wanted = "shutdown";
    setTimeout(() => {
      for (const task of surplus) task.state = "shutdown";
      for (let n = 0; n < missing; n++) this.#start(this.#options.here !== undefined);
    }, this.#takesMs);
    return { status: 200, content: {} };
  }

  /** As a user does it. */
  scale(replicas: number): void {
    this.update(this.version, { ...this.spec, Mode: { Replicated: { Replicas: replicas } } });
  }

  /** Tasks come to an end, and nothing starts others. */
  lose(count: number): void {
    for (const task of this.#tasks.slice(0, count)) task.state = "shutdown";
  }

  /** A task crashes, and another one comes in its place, of the spec as it is or of an older one. */
  crash(forcedUpdate = this.spec.TaskTemplate.ForceUpdate): void {
    const task = this.#tasks.find(({ wanted }) => wanted === "running");
    if (!task) return;
    task.state = "failed";
    task.wanted = "shutdown";
    this.#start(false, forcedUpdate);
  }

  #start(isHere: boolean, forcedUpdate = this.spec.TaskTemplate.ForceUpdate): void {
    const id = `${this.name}task${this.#tasks.length}`;
    const { endsAfterMs } = this.#options;
    const container = isHere
      ? this.#begin({
          name: `${this.name}.${this.#tasks.length + 1}.${id}`,
          labels: { "com.docker.swarm.service.name": this.name },
          ...(endsAfterMs === undefined ? {} : { endsAfterMs }),
          onState: (state) => state === "exited" && this.#ended(id),
        })
      : { id: `of another node ${id}` };
    this.#tasks.push({ id, state: "running", wanted: "running", forcedUpdate, containerId: container.id });
  }

  #ended(id: string): void {
    const task = this.#tasks.find((each) => each.id === id);
    if (task?.wanted !== "running") return;
    task.state = "failed";
    task.wanted = "shutdown";
    if (this.#options.restartCondition !== "none") setTimeout(() => this.#start(true), this.#takesMs);
  }
}
