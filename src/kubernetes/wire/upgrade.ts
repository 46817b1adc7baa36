import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { monotonicMs } from "../../support/clock.js";
import type { ClusterAccess } from "../access/access.js";
import { type AskedPath, jsonOrText, requestOptions, urlOf } from "./request-options.js";
import { troubleOf, WireTrouble } from "./wire-trouble.js";

export interface UpgradeRequest extends AskedPath {
  /** Nothing else is taken. */
  readonly subprotocol: string;
  /** Until the server has answered. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Upgraded =
  /** `rest`: the frames that came with the answer. Nobody reads the socket yet. */
  | { readonly kind: "open"; readonly socket: Duplex; readonly rest: Buffer }
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown }
  /** It switched, and not to what was asked for. */
  | { readonly kind: "other"; readonly why: string };

/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MOST_BYTES = 1e6;

/**
 * Asks an API server for a WebSocket (RFC 6455, 4.1). Extensions are not asked for.
 * @param agent whose connections are used. It keeps no upgraded ones.
 * @param isRefused whether the server did not take the credentials that were sent before.
 * @throws WireTrouble, ClusterProblem
 */
export async function askForUpgrade(
  access: ClusterAccess,
  agent: http.Agent,
  request: UpgradeRequest,
  isRefused: boolean,
): Promise<Upgraded> {
  const { subprotocol, timeoutMs, signal } = request;
  const fromMs = monotonicMs();
  const key = randomBytes(16).toString("base64");
  const options = await requestOptions(
    access,
    { isRefused, timeoutMs, signal },
    {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Protocol": subprotocol,
    },
  );
  const { request: open } = access.server.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new WireTrouble("stopped", "stopped", false));
    const asked = open(urlOf(access.server, request), { ...options, method: "GET", agent });
    const settle = (done: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      done();
    };
    const fail = (error: Error) => {
      settle(() => reject(error));
      asked.destroy();
    };
    const stop = () => fail(new WireTrouble("stopped", "stopped", true));
    const timer = setTimeout(
      () => fail(new WireTrouble("late", `no answer after ${timeoutMs / 1000} s`, true)),
      Math.max(1, timeoutMs - (monotonicMs() - fromMs)),
    );
    signal?.addEventListener("abort", stop, { once: true });
    asked.on("error", (error) => fail(troubleOf(error, true)));
    asked.on("upgrade", (answer, socket: Duplex, rest) => {
      socket.pause();
      const why = whyOther(answer.headers, key, subprotocol);
      if (why !== null) socket.destroy();
      settle(() => resolve(why === null ? { kind: "open", socket, rest } : { kind: "other", why }));
    });
    asked.on("response", (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on("error", (error) => fail(troubleOf(error, true)));
      answer.on("data", (part: Buffer) => {
        length += part.length;
        if (length <= MOST_BYTES) parts.push(part);
      });
      answer.on("end", () => {
        const body = jsonOrText(Buffer.concat(parts).toString("utf8"));
        settle(() => resolve({ kind: "answer", status: answer.statusCode ?? 0, body }));
      });
    });
    asked.end();
  });
}

/** @returns null when it is what was asked for. */
function whyOther(headers: http.IncomingHttpHeaders, key: string, subprotocol: string): string | null {
  const wanted = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  if (headers["sec-websocket-accept"] !== wanted) return "its Sec-WebSocket-Accept is wrong";
  if (headers["sec-websocket-extensions"] !== undefined) return "it uses an extension that was not offered";
  const chosen = headers["sec-websocket-protocol"];
  if (chosen === subprotocol) return null;
  return chosen === undefined ? "it chose no subprotocol" : "it chose a subprotocol that was not offered";
}
