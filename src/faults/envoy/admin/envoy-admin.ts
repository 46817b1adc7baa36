import { FaultlineError, messageOf } from "../../../support/errors.js";
import { type BoundedAnswer, boundedRequest, NoAnswer } from "../../../support/outside/bounded-request.js";
import { wholeOrSize } from "../../../support/secrets/said.js";
import { COUNTERS_WANTED, type ListedCounters, readCounters } from "./counters.js";
import { RuntimeListing } from "./runtime-listing.js";

const CALL_MS = 3_000;
/** An Envoy of a mesh may know thousands of routes. */
const MOST_DUMP_BYTES = 128 * 1024 * 1024;
/** A dump of its configuration has this many times `CALL_MS`. */
const DUMP_CALLS = 5;
const MOST_BYTES = 16 * 1024 * 1024;

/** The admin interface did not do what it was asked. Its own text is in the message. */
export class EnvoyRefusal extends FaultlineError {
  constructor(
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super("ENVOY_UNPREPARED", message);
  }
}

/**
 * The admin interface of one Envoy. Each call has a connection of its own and is bounded in time.
 * Methods throw FaultlineError: ENVOY_UNREACHABLE, ENVOY_UNPREPARED.
 */
export class EnvoyAdmin {
  /** Without a slash at the end. */
  readonly url: string;
  /** For people: "Envoy 127.0.0.1:9901". */
  readonly words: string;
  readonly #callMs: number;

  constructor(url: string, callMs = CALL_MS) {
    this.url = url.replace(/\/+$/, "");
    this.words = `Envoy ${new URL(url).host}`;
    this.#callMs = callMs;
  }

  async runtime(): Promise<RuntimeListing> {
    const listing = RuntimeListing.read(await this.#json("GET", "/runtime"));
    if (listing === null) throw this.#noEnvoy("/runtime");
    return listing;
  }

  /** Sets these keys in the admin layer, all at once. An empty value takes a key out. */
  async modify(values: ReadonlyMap<string, string>): Promise<void> {
    const query = [...values].map(
      ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
    );
    await this.#ask("POST", `/runtime_modify?${query.join("&")}`, MOST_BYTES);
  }

  configuration(): Promise<unknown> {
    return this.#json("GET", "/config_dump", MOST_DUMP_BYTES, this.#callMs * DUMP_CALLS);
  }

  /** By `prefixOfCounters` of connection managers. */
  async counters(): Promise<ReadonlyMap<string, ListedCounters>> {
    const filter = encodeURIComponent(COUNTERS_WANTED);
    const counters = readCounters(await this.#json("GET", `/stats?format=json&filter=${filter}`));
    if (counters === null) throw this.#noEnvoy("/stats");
    return counters;
  }

  async #json(
    method: "GET",
    path: string,
    mostBytes = MOST_BYTES,
    timeoutMs = this.#callMs,
  ): Promise<unknown> {
    const { body, isCut } = await this.#ask(method, path, mostBytes, timeoutMs);
    if (isCut) throw this.#noEnvoy(path, `more than ${mostBytes / 1024 / 1024} MiB`);
    try {
      return JSON.parse(body.toString("utf8"));
    } catch {
      throw this.#noEnvoy(path, JSON.stringify(wholeOrSize(body.toString("utf8"))));
    }
  }

  async #ask(
    method: "GET" | "POST",
    path: string,
    mostBytes: number,
    timeoutMs = this.#callMs,
  ): Promise<BoundedAnswer> {
    let answer: BoundedAnswer;
    try {
      // Without a body a POST has no length, and servers wait for one.
      const body = method === "POST" ? { body: "" } : {};
      answer = await boundedRequest(`${this.url}${path}`, {
        method,
        ...body,
        timeoutMs,
        mostBytes,
      });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new FaultlineError("ENVOY_UNREACHABLE", `${this.words}: ${messageOf(error)}`, { cause: error });
    }
    if (answer.status === 200) return answer;
    const text = wholeOrSize(answer.body.toString("utf8").trim());
    const [shown] = path.split("?");
    throw new EnvoyRefusal(answer.status, `${this.words} answers ${shown} with ${answer.status}: ${text}`);
  }

  #noEnvoy(path: string, what = "something else"): FaultlineError {
    const message = `${this.words}: what answers ${path} there is no admin interface of Envoy, or none that this version knows: ${what}`;
    return new FaultlineError("ENVOY_UNREACHABLE", message);
  }
}
