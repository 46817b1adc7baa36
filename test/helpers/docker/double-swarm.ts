import { createHash } from "node:crypto";
import type { Answer } from "./docker-double.js";

export interface SwarmOptions {
  readonly name: string;
  /** null: one task on each node. */
  readonly replicas: number | null;
  /** Tasks begin and end so long after they were asked for. */
  readonly takesMs?: number;
}

interface Task {
  readonly id: string;
  state: "running" | "shutdown";
  wanted: "running" | "shutdown";
}

interface Spec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: {
    readonly ForceUpdate: number;
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

  constructor({ name, replicas, takesMs = 0 }: SwarmOptions) {
    this.name = name;
    this.id = createHash("sha256").update(name).digest("hex").slice(0, 25);
    this.#takesMs = takesMs;
    this.spec = {
      Name: name,
      Labels: { team: "shop" },
      TaskTemplate: { ForceUpdate: 0, ContainerSpec: { Image: "api:1", OomScoreAdj: 100 } },
      Mode: replicas === null ? { Global: {} } : { Replicated: { Replicas: replicas } },
    };
    for (let n = 0; n < (replicas ?? 1); n++)
      this.#tasks.push({ id: this.#nextId(), state: "running", wanted: "running" });
  }

  get replicas(): number {
    return this.spec.Mode.Replicated?.Replicas ?? 1;
  }

  inspected(): object {
    return { ID: this.id, Version: { Index: this.version }, Spec: this.spec };
  }

  tasks(): readonly object[] {
    return this.#tasks.map(({ id, state, wanted }) => ({
      ID: id,
      ServiceID: this.id,
      Status: { State: state },
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
      for (let n = 0; n < missing; n++)
        this.#tasks.push({ id: this.#nextId(), state: "running", wanted: "running" });
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

  #nextId(): string {
    return `${this.name}task${this.#tasks.length}`;
  }
}
