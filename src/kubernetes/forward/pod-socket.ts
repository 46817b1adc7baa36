import type { Duplex } from "node:stream";
import { askedOf } from "../asking.js";
import { POD } from "../objects.js";
import { ClusterProblem, clusterProblemOf, isBareRefusal, noAnswerProblem } from "../problem.js";
import type { Sender, Sent } from "../sender.js";
import { pathOfObject } from "../wire/api-paths.js";
import { WireTrouble } from "../wire/wire-trouble.js";

/**
 * How a kubelet forwards a port over WebSocket. Each message begins with the number of its channel; the first two bytes on
 * each are the port, little end first. Kubernetes' own end-to-end tests (v1.36.3, test/e2e/kubectl/portforward.go) hold
 * clusters to it. The newer `SPDY/3.1+portforward.k8s.io` (on since v1.31) puts SPDY into the WebSocket.
 */
export const PORT_FORWARD = "v4.channel.k8s.io";

/** A WebSocket to a port of a pod. */
export interface PodSocket {
  readonly socket: Duplex;
  /** Frames that have come already. */
  readonly rest: Buffer;
}

const OPEN_MS = 5_000;

/** Asks for it once. @throws ClusterProblem */
export async function openPodSocket(
  sender: Sender,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
  { signal, timeoutMs = OPEN_MS }: Sent,
): Promise<PodSocket> {
  const place = { kind: POD, namespace, name };
  const asked = askedOf("get", place, "portforward");
  const path = pathOfObject(place, "portforward");
  try {
    const query = { ports: String(port) };
    const upgraded = await sender.wire.upgrade({ path, query, subprotocol: PORT_FORWARD, timeoutMs, signal });
    if (upgraded.kind === "open") return upgraded;
    if (upgraded.kind === "answer") {
      const { status, body } = upgraded;
      // From v1.35 on `create` is asked for beside `get`, and an answer that lacks it does not name it.
      const of = status === 403 && isBareRefusal(body) ? { ...asked, verb: "create" } : asked;
      throw clusterProblemOf(status, body, of, sender.words);
    }
    const facts = { id: "server", status: 101, asked, said: null } as const;
    throw new ClusterProblem(
      facts,
      `${sender.words} does not forward ports as ${PORT_FORWARD}: ${upgraded.why}`,
    );
  } catch (error) {
    if (!(error instanceof WireTrouble)) throw error;
    if (error.id === "stopped") throw signal?.reason ?? error;
    throw noAnswerProblem(error.id, error.message, asked, sender.words);
  }
}
