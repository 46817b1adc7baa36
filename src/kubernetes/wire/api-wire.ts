import http from "node:http";
import https from "node:https";
import { StringDecoder } from "node:string_decoder";
import { monotonicMs } from "../../support/clock.js";
import { whyNoAnswer } from "../../support/outside/why-no-answer.js";
import type { ClusterAccess } from "../access/access.js";
import { type AskedPath, jsonOrText, requestOptions, urlOf } from "./request-options.js";
import { askForUpgrade, type Upgraded, type UpgradeRequest } from "./upgrade.js";
import { troubleOf, WireTrouble } from "./wire-trouble.js";

export { WireTrouble } from "./wire-trouble.js";

export interface ApiRequest extends AskedPath {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** Of `body`. */
  readonly contentType?: string;
  /** Limit for the whole exchange; for a stream, for its head. */
  readonly timeoutMs: number;
  /** For a stream: limit for all of it. A connection may be gone without a word. */
  readonly streamMs?: number;
  /** For a stream: its head has come. */
  readonly onOpen?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** JSON where it is some, else the text. */
  readonly body: unknown;
  /** What the server asks for before the next try. null: nothing. */
  readonly retryAfterMs: number | null;
  /** Whether the request went out twice: a kept connection ended under the first one, which may have been done. */
  readonly isRepeated?: boolean;
}

/** Lists come in pages, so nothing that is larger is meant for us. */
const MOST_BYTES = 32e6;
const LINE_BYTES = 8e6;
const MOST_WAIT_MS = 60_000;

/** One exchange after the other with an API server, on connections that are used again. */
export class ApiWire {
  readonly #access: ClusterAccess;
  readonly #agent: http.Agent;
  /** Of what becomes a WebSocket: as many at once as are asked for. */
  readonly #upgrades: http.Agent;
  /** The first credentials may take longer than an exchange: somebody may have to log in. */
  #hasCredentials = false;

  constructor(access: ClusterAccess) {
    this.#access = access;
    const { Agent } = access.server.protocol === "https:" ? https : http;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, keepAliveMsecs: 10_000 });
    this.#upgrades = new Agent({ keepAlive: false });
  }

  /** Credentials that the server does not take are asked for anew, once. @throws WireTrouble, ClusterProblem */
  async ask(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.#askOnce(request, false);
    return answer.status === 401 ? this.#askOnce(request, true) : answer;
  }

  /**
   * Opens an answer that goes on, and hands over its lines as they come. Resolves when it ends.
   * @param onLine false: no more is wanted.
   * @throws WireTrouble, ClusterProblem
   */
  async follow(request: ApiRequest, onLine: (line: string) => boolean): Promise<ApiAnswer> {
    const answer = await this.#exchange(request, false, onLine);
    return answer.status === 401 ? this.#exchange(request, true, onLine) : answer;
  }

  /** Opens a WebSocket, which belongs to the caller from then on. @throws WireTrouble, ClusterProblem */
  async upgrade(request: UpgradeRequest): Promise<Upgraded> {
    const ask = (isRefused: boolean) => askForUpgrade(this.#access, this.#upgrades, request, isRefused);
    const upgraded = await ask(false);
    return upgraded.kind === "answer" && upgraded.status === 401 ? ask(true) : upgraded;
  }

  /** Ends all connections but those that were upgraded. */
  close(): void {
    this.#agent.destroy();
    this.#upgrades.destroy();
  }

  /** A connection that was kept may have been closed by the server just when the request went out. */
  async #askOnce(request: ApiRequest, isRefused: boolean): Promise<ApiAnswer> {
    try {
      return await this.#exchange(request, isRefused, null);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
    }
    try {
      return { ...(await this.#exchange(request, isRefused, null)), isRepeated: true };
    } catch (error) {
      throw error instanceof WireTrouble ? new WireTrouble(error.id, error.message, true) : error;
    }
  }

  async #exchange(
    request: ApiRequest,
    isRefused: boolean,
    onLine: ((line: string) => boolean) | null,
  ): Promise<ApiAnswer> {
    const { server } = this.#access;
    const { method, body, contentType = "application/json", timeoutMs, streamMs, signal } = request;
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const fromMs = monotonicMs();
    const wait = { isRefused, timeoutMs: this.#hasCredentials ? timeoutMs : null, signal };
    const asWhom = await requestOptions(this.#access, wait, {
      Accept: "application/json",
      ...(bytes === null ? {} : { "Content-Type": contentType, "Content-Length": String(bytes.length) }),
    });
    // The first ones are not taken off the exchange's time.
    const leftMs = this.#hasCredentials ? Math.max(1, timeoutMs - (monotonicMs() - fromMs)) : timeoutMs;
    this.#hasCredentials = true;
    const options: https.RequestOptions = {
      ...asWhom,
      method,
      agent: this.#agent,
    };
    const { request: open } = server.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const asked = open(urlOf(server, request), options);
      let isConnected = false;
      const settle = (done: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        done();
      };
      const fail = (error: Error) => settle(() => reject(error));
      const stop = () => {
        fail(new WireTrouble("stopped", "stopped", isConnected));
        asked.destroy();
      };
      const limit = (ms: number, ofMs: number) =>
        setTimeout(() => {
          fail(new WireTrouble("late", `no whole answer after ${ofMs / 1000} s`, isConnected));
          asked.destroy();
        }, ms);
      let timer = limit(leftMs, timeoutMs);
      if (signal?.aborted) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      asked.on("socket", (socket) => {
        if (asked.reusedSocket) isConnected = true;
        else
          socket.once(server.protocol === "https:" ? "secureConnect" : "connect", () => {
            isConnected = true;
          });
      });
      asked.on("error", (error) =>
        fail(asked.reusedSocket ? new StaleConnection(error) : troubleOf(error, isConnected)),
      );
      asked.on("response", (answer) => {
        const broken = (error: Error) => fail(troubleOf(error, true));
        answer.on("error", broken);
        answer.on("aborted", () => broken(Object.assign(new Error("aborted"), { code: "ECONNRESET" })));
        const end = (value: unknown) =>
          settle(() =>
            resolve({
              status: answer.statusCode ?? 0,
              body: value,
              retryAfterMs: retryAfterOf(answer.headers),
            }),
          );
        if (onLine !== null && answer.statusCode === 200) {
          clearTimeout(timer);
          if (streamMs !== undefined) timer = limit(streamMs, streamMs);
          request.onOpen?.();
          hand(answer, onLine, end);
          return;
        }
        const parts: Buffer[] = [];
        let length = 0;
        answer.on("data", (part: Buffer) => {
          parts.push(part);
          length += part.length;
          if (length <= MOST_BYTES) return;
          fail(new WireTrouble("unreachable", `its answer is longer than ${MOST_BYTES / 1e6} MB`, true));
          asked.destroy();
        });
        answer.on("end", () => end(jsonOrText(Buffer.concat(parts).toString("utf8"))));
      });
      asked.end(bytes ?? undefined);
    });
  }
}

/** The connection had been kept, and was gone. */
class StaleConnection extends WireTrouble {
  constructor(error: NodeJS.ErrnoException) {
    super("unreachable", whyNoAnswer(error), true);
  }
}

/** Lines as they come. A last one without its end is none: the connection was cut in the middle of it. */
function hand(
  answer: http.IncomingMessage,
  onLine: (line: string) => boolean,
  end: (value: unknown) => void,
): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  answer.on("data", (part: Buffer) => {
    const lines = (rest + decoder.write(part)).split("\n");
    rest = lines.pop() ?? "";
    const wantsMore = rest.length <= LINE_BYTES && lines.every((line) => line === "" || onLine(line));
    if (wantsMore) return;
    end(null);
    answer.destroy();
  });
  answer.on("end", () => end(null));
}

/** In seconds, as API servers write it. */
function retryAfterOf(headers: http.IncomingHttpHeaders): number | null {
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(1000 * seconds, MOST_WAIT_MS) : null;
}
