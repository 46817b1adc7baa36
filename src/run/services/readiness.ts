import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isReferenceText } from "../../kubernetes/references/object-reference.js";
import type { ServiceSpec } from "../../plan/run-plan.js";
import { addressOf } from "../../support/address.js";
import { Patience, sleep } from "../../support/clock.js";
import { lookupHost } from "../../support/lookup-host.js";
import { connectProblem, networkProblem } from "../reach/tcp-probe.js";
import type { LogLine } from "./log-line.js";

/** One probe may take this long before it is tried anew: a service that just started may hang on its first answer. */
const PROBE_MS = 2_000;
const PAUSE_MS = 25;
/** Programs take longer to begin and to end than an answer takes. */
const COMMAND_MS = 10_000;
const COMMAND_PAUSE_MS = 250;

/** A condition for a service to count as ready. */
export interface ReadyCheck {
  /** What is checked, for messages. */
  readonly text: string;
  /** Time between two looks. */
  readonly pauseMs: number;
  /** Resolves with null when the condition holds, else with the reason why not. */
  look(leftMs: number): Promise<string | null>;
}

/** Why a service is not ready yet. */
export interface NotReady {
  readonly check: string;
  readonly why: string;
}

/**
 * Waits for the checks one after the other. Resolves with null when all hold, and after `timeoutMs` with the one that does
 * not. Rejects with the signal's reason.
 */
export async function waitUntilReady(
  checks: readonly ReadyCheck[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<NotReady | null> {
  const patience = new Patience(timeoutMs);
  try {
    for (const check of checks) {
      const why = await waitFor(check, patience, signal);
      if (why !== null) return { check: check.text, why };
    }
    return null;
  } finally {
    patience.end();
  }
}

/** Resolves with null when the check holds, else with what the last look met that was not cut short. */
async function waitFor(check: ReadyCheck, patience: Patience, signal: AbortSignal): Promise<string | null> {
  let why: string | null = null;
  for (;;) {
    signal.throwIfAborted();
    const { leftMs } = patience;
    if (leftMs === 0) return why ?? "no probe was finished";
    const found = await check.look(leftMs);
    if (found === null) return null;
    // A look that the deadline cut short says less than the one before it.
    if (why === null || patience.leftMs > 0) why = found;
    await sleep(Math.min(check.pauseMs, patience.leftMs), signal);
  }
}

export interface ReadyTools {
  /** Runs `ready.command`, and resolves as `look` does. */
  readonly run: (timeoutMs: number) => Promise<string | null>;
  /** For an object of a cluster. */
  readonly objectCheck: (reference: string) => ReadyCheck;
}

/** What a service's `ready` asks for. */
export function readyChecks(
  { ready, readyLog, readyCommand }: ServiceSpec,
  logLine: LogLine | null,
  { run, objectCheck }: ReadyTools,
): readonly ReadyCheck[] {
  const checks: ReadyCheck[] = [];
  if (ready !== null && isReferenceText(ready)) checks.push(objectCheck(ready));
  else if (ready !== null) {
    const look = (leftMs: number) => probe(ready, Math.min(leftMs, PROBE_MS));
    checks.push({ text: ready, pauseMs: PAUSE_MS, look });
  }
  if (logLine !== null) {
    const look = async () => (logLine.isFound ? null : "no line of its output has it");
    checks.push({ text: `log "${readyLog}"`, pauseMs: PAUSE_MS, look });
  }
  if (readyCommand !== null) {
    const look = (leftMs: number) => run(Math.min(leftMs, COMMAND_MS));
    checks.push({ text: `command \`${readyCommand.join(" ")}\``, pauseMs: COMMAND_PAUSE_MS, look });
  }
  return checks;
}

/** http:// and https://: any status below 500; grpc:// and grpcs://: it serves; tcp://: an accepted connection. */
async function probe(ready: string, timeoutMs: number): Promise<string | null> {
  if (/^grpcs?:/.test(ready)) {
    const { healthProblem } = await import("./grpc-health.js");
    return healthProblem(new URL(ready), timeoutMs);
  }
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
    // The listener also takes the error that destroying the request raises later.
    request.on("error", (error: NodeJS.ErrnoException) => done(networkProblem(error)));
    request.end();
  });
}
