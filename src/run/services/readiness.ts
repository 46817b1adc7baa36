import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { addressOf } from "../../support/address.js";
import { Patience, sleep } from "../../support/clock.js";
import { lookupHost } from "../../support/lookup-host.js";
import { connectProblem, networkProblem } from "../reach/tcp-probe.js";

/** One probe may take this long before it is tried anew: a service that just started may hang on its first answer. */
const PROBE_MS = 2_000;
const PAUSE_MS = 25;

/**
 * Resolves when `ready` (http://, https:// or tcp://) answers: any HTTP status below 500, or an accepted connection.
 * Rejects with the signal's reason; after `timeoutMs` resolves with why the last probe failed.
 */
export async function waitUntilReady(
  ready: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ readonly ready: true } | { readonly ready: false; readonly lastProbe: string }> {
  const patience = new Patience(timeoutMs);
  try {
    let lastProbe = "no probe was finished";
    for (;;) {
      signal.throwIfAborted();
      const { leftMs } = patience;
      if (leftMs === 0) return { ready: false, lastProbe };
      const failure = await probe(ready, Math.min(leftMs, PROBE_MS));
      if (failure === null) return { ready: true };
      lastProbe = failure;
      await sleep(Math.min(PAUSE_MS, patience.leftMs), signal);
    }
  } finally {
    patience.end();
  }
}

/** Resolves with null when it answered, else with why not. */
function probe(ready: string, timeoutMs: number): Promise<string | null> {
  return ready.startsWith("tcp:")
    ? connectProblem(addressOf(new URL(ready)), timeoutMs).then((problem) => problem?.text ?? null)
    : probeHttp(ready, timeoutMs);
}

function probeHttp(ready: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { agent: false, headers: { connection: "close" }, lookup: lookupHost } as const;
    const request = ready.startsWith("https:")
      ? // A probe sends nothing that could leak, and services under test often use self-signed certificates.
        httpsRequest(ready, { ...options, rejectUnauthorized: false })
      : httpRequest(ready, options);
    const patience = new Patience(timeoutMs, () => done("no answer"));
    const done = (failure: string | null) => {
      patience.end();
      resolve(failure);
      request.destroy();
    };
    request.once("response", (response) => {
      const status = response.statusCode ?? 0;
      done(status < 500 ? null : `status ${status}`);
    });
    // Also swallows what destroying the request raises later.
    request.on("error", (error: NodeJS.ErrnoException) => done(networkProblem(error)));
    request.end();
  });
}
