import { createServer, type Server, type Socket } from "node:net";
import type { Cluster } from "../../kubernetes/cluster.js";
import type { PodEndpoint } from "../../kubernetes/forward/ready-pods.js";
import { monotonicMs, Patience, waited } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import { wholeOrSize } from "../../support/secrets/said.js";
import { Openings } from "./openings.js";
import { PodConnection, type PodEnd } from "./pod-connection.js";
import { keyOf, type ServicePods } from "./service-pods.js";

/** So long a new connection may look for a pod that takes it, by default. */
const OPEN_MS = 5_000;
/** A pod that refuses says so at once. */
const REFUSAL_MS = 150;
/** An API server that is cut off ends no connection. So it is asked something while there are some. */
const LOOK_EVERY_MS = 1_000;
/** So long the answers to pings may take. */
const PONG_MS = 500;
/** Load balancers in front of API servers end what is idle, most of them after 50 s or more. */
const PING_EVERY_MS = 10_000;
const HOST = "127.0.0.1";
const MOST_SAID = 1_000;

export interface ForwarderOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly pods: ServicePods;
  /** The forward itself has failed: what is measured now says nothing of the service. It may be called any number of times. */
  readonly onLost: (why: string) => void;
  /** So long a new connection may look for a pod that takes it. */
  readonly openMs?: number | undefined;
  /** One that takes this long to open has used up what the load gives its requests. */
  readonly slowMs: number;
  /** Between two pings on each connection. */
  readonly pingMs?: number | undefined;
}

/** What went through a forward. */
export interface ForwardTally {
  readonly connections: number;
  /** To how many pods, one after the other or at once. */
  readonly pods: number;
}

/** Listens on loopback, and makes of each connection one to a ready pod of a service, through the API server. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #server: Server;
  /** How each connection that is open now is ended. */
  readonly #open = new Set<() => void>();
  /** Those that lead to a pod now. */
  readonly #standing = new Set<PodConnection>();
  readonly #seen = new Set<string>();
  readonly #stop = new AbortController();
  readonly #openMs: number;
  readonly #openings: Openings;
  #look: NodeJS.Timeout | undefined;
  #pings: NodeJS.Timeout | undefined;
  #isLooking = false;
  #connections = 0;

  private constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#openMs = options.openMs ?? OPEN_MS;
    this.#openings = new Openings(options.slowMs, (afterMs) =>
      this.#lost(`a connection took ${(afterMs / 1000).toFixed(1)} s or more to open`),
    );
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (local) => void this.#accept(local));
  }

  static async start(options: ForwarderOptions): Promise<Forwarder> {
    const forwarder = new Forwarder(options);
    await new Promise<void>((resolve, reject) => {
      forwarder.#server.once("error", reject);
      forwarder.#server.listen(0, HOST, resolve);
    });
    // One that could not be accepted is met by the watch over the limit of files.
    forwarder.#server.on("error", () => {});
    forwarder.#look = setInterval(() => void forwarder.#lookAtServer(), LOOK_EVERY_MS).unref();
    const { pingMs = PING_EVERY_MS } = options;
    forwarder.#pings = setInterval(() => forwarder.#ping(), pingMs).unref();
    return forwarder;
  }

  /** "127.0.0.1:41234" */
  get listens(): string {
    const address = this.#server.address();
    return `${HOST}:${typeof address === "object" ? address?.port : ""}`;
  }

  get tally(): ForwardTally {
    return { connections: this.#connections, pods: this.#seen.size };
  }

  /**
   * Tries one connection.
   * @throws ClusterProblem, FaultlineError TARGET_UNREACHABLE: no pod is ready, or the one that was tried refuses.
   */
  async probe(service: string): Promise<void> {
    const { cluster, namespace, pods } = this.#options;
    const pod = await pods.next(new Set());
    if (pod === null) {
      const others = pods.hasOthers
        ? "; what stands behind it is no pod, and nothing else can be forwarded to"
        : "";
      throw unreachable(`no pod of service ${service} is ready${others}`);
    }
    const sent = { signal: this.#stop.signal, timeoutMs: this.#openMs };
    const { socket, rest } = await cluster.forward({ namespace, ...pod }, sent);
    let end: PodEnd | null = null;
    const connection = new PodConnection(socket, rest, pod.port, {
      data: () => true,
      drain: () => {},
      ended: (how) => {
        end = how;
      },
    });
    const late = new Patience(this.#openMs, () => connection.close());
    const hasBegun = await connection.begun;
    late.end();
    if (hasBegun) await new Promise((resolve) => setTimeout(resolve, REFUSAL_MS));
    connection.close();
    const why =
      hasBegun || end !== null ? whyNot(end) : `nothing was forwarded within ${this.#openMs / 1000} s`;
    if (why !== null) throw unreachable(`port ${pod.port} of pod ${pod.name} of service ${service}: ${why}`);
  }

  /** Ends all connections, and listens no more. */
  async close(): Promise<void> {
    clearInterval(this.#look);
    clearInterval(this.#pings);
    this.#openings.close();
    this.#stop.abort(new Error("the forward is closed"));
    for (const end of [...this.#open]) end();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #accept(local: Socket): Promise<void> {
    let connection: PodConnection | null = null;
    const gone = new AbortController();
    const end = () => {
      gone.abort(new Error("the client is gone"));
      connection?.close();
      if (connection) this.#standing.delete(connection);
      local.destroy();
    };
    this.#open.add(end);
    local.on("error", () => {});
    local.once("close", () => {
      this.#open.delete(end);
      end();
    });
    const opening = this.#openings.begin();
    const opened = await this.#connect(gone.signal);
    if (opened === null || local.destroyed) opening();
    if (local.destroyed) {
      opened?.socket.destroy();
      return;
    }
    if (opened === null) {
      local.resetAndDestroy();
      return;
    }
    const { pod, socket, rest } = opened;
    this.#connections += 1;
    this.#seen.add(keyOf(pod));
    const made = new PodConnection(socket, rest, pod.port, {
      data: (bytes) => local.write(bytes),
      drain: () => void local.resume(),
      ended: (how) => void this.#finish(local, pod, how),
    });
    connection = made;
    this.#standing.add(made);
    // Also when it ends before.
    void made.begun.then(opening);
    local.on("data", (chunk: Buffer) => {
      if (!made.send(chunk)) local.pause();
    });
    local.on("drain", () => made.resume());
    local.resume();
  }

  /** @returns null when no pod takes it, as where a service has none, or when the forward itself failed. */
  async #connect(signal: AbortSignal) {
    const { cluster, namespace, pods } = this.#options;
    const patience = new Patience(this.#openMs);
    const tried = new Set<string>();
    try {
      while (patience.leftMs > 0) {
        const pod = await pods.next(tried);
        if (pod === null) return null;
        try {
          const opened = await cluster.forward({ namespace, ...pod }, { signal, timeoutMs: this.#openMs });
          return { pod, ...opened };
        } catch (error) {
          if (signal.aborted) return null;
          // It may be gone, and nobody has said so yet. A service would lead to another one soon.
          if ((await pods.stateOf(pod)) === "ready") throw error;
          tried.add(keyOf(pod));
          pods.forget();
        }
      }
      return null;
    } catch (error) {
      if (!signal.aborted) this.#lost(messageOf(error));
      return null;
    } finally {
      patience.end();
    }
  }

  /** The client is told last: until then its request is not counted, and what is said of it is said in time. */
  async #finish(local: Socket, pod: PodEndpoint, how: PodEnd): Promise<void> {
    if (how.kind === "closed") {
      local.end();
      return;
    }
    if (how.kind !== "pod" && !local.destroyed) await this.#blame(pod, how);
    local.resetAndDestroy();
  }

  async #blame(pod: PodEndpoint, how: Extract<PodEnd, { kind: "error" | "lost" }>): Promise<void> {
    const { pods } = this.#options;
    pods.forget();
    const why = how.kind === "error" ? words(how.said) : how.why;
    try {
      const state = await pods.stateOf(pod);
      // A connection outlives its pod's readiness. What the runtime says may come from the pod's end all the same.
      if (state === "gone" || (state === "unready" && how.kind === "error")) return;
      this.#lost(`${why}, while pod ${pod.name} was there`);
    } catch (error) {
      this.#lost(`${why}; ${messageOf(error)}`);
    }
  }

  /**
   * An API server that answers late or not at all for a moment has harmed nobody while the connections stand. So they are
   * asked too, and only when nothing comes from them either, the way is lost.
   */
  async #lookAtServer(): Promise<void> {
    if (this.#open.size === 0 || this.#isLooking) return;
    this.#isLooking = true;
    const fromMs = monotonicMs();
    try {
      if ((await this.#whyNoPods()) === null) return;
      this.#ping();
      const [why] = await Promise.all([this.#whyNoPods(), waited(PONG_MS, this.#stop.signal)]);
      if (why !== null && ![...this.#standing].some(({ heardMs }) => heardMs > fromMs)) this.#lost(why);
    } finally {
      this.#isLooking = false;
    }
  }

  async #whyNoPods(): Promise<string | null> {
    try {
      await this.#options.pods.refresh();
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  #ping(): void {
    for (const connection of this.#standing) connection.ping();
  }

  #lost(why: string): void {
    if (!this.#stop.signal.aborted) this.#options.onLost(why);
  }
}

function whyNot(end: PodEnd | null): string | null {
  if (end === null || end.kind === "closed") return null;
  return end.kind === "lost" ? end.why : words(end.said);
}

/** A kubelet quotes what its runtime and the pod's side have said. */
function words(said: string): string {
  return oneLine(wholeOrSize(said, MOST_SAID));
}

function unreachable(why: string): FaultlineError {
  return new FaultlineError("TARGET_UNREACHABLE", why);
}
