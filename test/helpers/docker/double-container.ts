import { createHash } from "node:crypto";
import type { Answer } from "./docker-double.js";

export interface ContainerOptions {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state?: "running" | "paused" | "exited";
  readonly restartPolicy?: string;
  readonly autoRemove?: boolean;
  readonly networkMode?: string;
  /** Networks by name, each with what was set by hand. Default: one called "shop_default". */
  readonly networks?: Readonly<
    Record<string, { readonly aliases?: readonly string[]; readonly address?: string }>
  >;
  readonly published?: Readonly<Record<string, { readonly HostIp: string; readonly HostPort: string }[]>>;
  /** How long it takes to end on a signal that it can handle. null: it ignores them. */
  readonly endsAfterMs?: number | null;
  /** How long it takes to be gone after SIGKILL. Default: none. */
  readonly killTakesMs?: number;
  /** It is started again so long after it has ended, whatever ended it. */
  readonly comesBackAfterMs?: number;
  /** Told what it has become. */
  readonly onState?: (state: "running" | "paused" | "exited") => void;
}

interface Endpoint {
  readonly NetworkID: string;
  IPAddress: string;
  Aliases: readonly string[];
  IPAMConfig: object | null;
}

/** A container of compose's service `service` in `project`. */
export function ofCompose(
  project: string,
  service: string,
  number = 1,
  more: Partial<ContainerOptions> = {},
): ContainerOptions {
  return {
    name: `${project}-${service}-${number}`,
    labels: {
      "com.docker.compose.project": project,
      "com.docker.compose.service": service,
      "com.docker.compose.oneoff": "False",
    },
    ...more,
  };
}

let instants = 0;

/** A container that is only its state. */
export class DoubleContainer {
  readonly id: string;
  readonly name: string;
  readonly networks: Record<string, Endpoint> = {};
  readonly #options: ContainerOptions;
  state: "running" | "paused" | "exited";
  isRemoved = false;
  startedAt = instant();
  exitCode = 0;
  restarts = 0;
  /** Of addresses that are given out. */
  #lastAddress = 10;

  constructor(options: ContainerOptions) {
    this.#options = options;
    this.name = options.name;
    this.id = createHash("sha256").update(options.name).digest("hex");
    this.state = options.state ?? "running";
    for (const [name, { aliases = [], address }] of Object.entries(
      options.networks ?? { shop_default: {} },
    )) {
      this.networks[name] = {
        NetworkID: createHash("sha256").update(name).digest("hex"),
        IPAddress: address ?? "172.18.0.2",
        Aliases: [...aliases, this.id.slice(0, 12)],
        IPAMConfig: address === undefined ? null : { IPv4Address: address },
      };
    }
  }

  listed(): object {
    return { Id: this.id, Names: [`/${this.name}`], State: this.state, Labels: this.#options.labels ?? {} };
  }

  inspected(): object {
    const {
      labels = {},
      restartPolicy = "no",
      autoRemove = false,
      networkMode = "shop_default",
      published = {},
    } = this.#options;
    return {
      Id: this.id,
      Name: `/${this.name}`,
      RestartCount: this.restarts,
      State: {
        Status: this.state,
        Running: this.state !== "exited",
        Paused: this.state === "paused",
        Restarting: false,
        ExitCode: this.exitCode,
        StartedAt: this.startedAt,
      },
      Config: { Labels: labels },
      HostConfig: {
        RestartPolicy: { Name: restartPolicy },
        AutoRemove: autoRemove,
        NetworkMode: networkMode,
      },
      NetworkSettings: { Networks: this.networks, Ports: published },
    };
  }

  async change(what: string, query: URLSearchParams): Promise<Answer> {
    switch (what) {
      case "kill": {
        if (this.state === "exited")
          return { status: 409, content: { message: `Container ${this.id} is not running` } };
        const signal = query.get("signal") ?? "SIGKILL";
        const { endsAfterMs = 0, killTakesMs } = this.#options;
        if (signal === "SIGKILL" && killTakesMs !== undefined) setTimeout(() => this.end(137), killTakesMs);
        else if (signal === "SIGKILL") this.end(137);
        else if (endsAfterMs !== null) setTimeout(() => this.end(0), endsAfterMs);
        return { status: 204 };
      }
      case "stop":
        if (this.state === "exited") return { status: 304 };
        await this.#ended(Number(query.get("t") ?? 10) * 1000);
        return { status: 204 };
      case "restart":
        await this.#ended(Number(query.get("t") ?? 10) * 1000);
        this.start();
        return { status: 204 };
      case "start":
        if (this.state !== "exited") return { status: 304 };
        this.start();
        return { status: 204 };
      case "pause":
        if (this.state !== "running")
          return { status: 500, content: { message: `Container ${this.name} is not running` } };
        this.become("paused");
        return { status: 204 };
      case "unpause":
        if (this.state !== "paused")
          return { status: 500, content: { message: `Container ${this.name} is not paused` } };
        this.become("running");
        return { status: 204 };
      default:
        return { status: 404, content: { message: "page not found" } };
    }
  }

  connect(
    network: string,
    networkId: string,
    config: { readonly IPAMConfig?: { IPv4Address?: string }; readonly Aliases?: string[] },
  ): Answer {
    if (network in this.networks)
      return { status: 403, content: { message: `${this.name} is already on ${network}` } };
    this.networks[network] = {
      NetworkID: networkId,
      IPAddress: config.IPAMConfig?.IPv4Address ?? `172.18.0.${this.#lastAddress++}`,
      Aliases: [...(config.Aliases ?? []), this.id.slice(0, 12)],
      IPAMConfig: config.IPAMConfig ?? null,
    };
    return { status: 200 };
  }

  disconnect(network: string): Answer {
    if (!(network in this.networks))
      return { status: 500, content: { message: `${this.name} is not on ${network}` } };
    delete this.networks[network];
    return { status: 200 };
  }

  end(exitCode: number): void {
    if (this.state === "exited") return;
    this.exitCode = exitCode;
    const { autoRemove = false, comesBackAfterMs } = this.#options;
    this.isRemoved = autoRemove;
    this.become("exited");
    if (comesBackAfterMs === undefined) return;
    setTimeout(() => {
      this.restarts += 1;
      this.start();
    }, comesBackAfterMs);
  }

  start(): void {
    if (this.state !== "exited") return;
    this.startedAt = instant();
    this.become("running");
  }

  become(state: DoubleContainer["state"]): void {
    this.state = state;
    this.#options.onState?.(state);
  }

  async #ended(graceMs: number): Promise<void> {
    const { endsAfterMs = 0 } = this.#options;
    const takesMs = Math.min(graceMs, endsAfterMs ?? Number.POSITIVE_INFINITY);
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    this.end(endsAfterMs !== null && endsAfterMs <= graceMs ? 0 : 137);
  }
}

/** As the engine writes it. No two are the same. */
function instant(): string {
  return new Date().toISOString().replace("Z", `${String(instants++).padStart(6, "0")}Z`);
}
