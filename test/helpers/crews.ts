import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toolVersion } from "../../src/app/tool-version.js";
import { Crew, type CrewOptions } from "../../src/load/distributed/crew.js";
import type { LoadSession } from "../../src/load/session.js";
import type { LoadPlan } from "../../src/plan/load-plan.js";
import { monotonicMs, sleep } from "../../src/support/clock.js";
import { onTestFinished } from "./at-once.js";

export interface CountingTarget {
  readonly url: string;
  /** What was asked for, and when it came. */
  readonly requests: readonly { readonly path: string; readonly atMs: number }[];
}

/** Answers every request, after a time if one is given. It ends with the test. */
export async function startCountingTarget(answerAfterMs = 0): Promise<CountingTarget> {
  const requests: { path: string; atMs: number }[] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? "", atMs: monotonicMs() });
    if (answerAfterMs === 0) response.end("ok");
    else setTimeout(() => response.end("ok"), answerAfterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, requests };
}

export interface OpenCrew {
  readonly crew: Crew;
  readonly warnings: readonly string[];
}

/** Workers that wait at this server. They are released with the test. */
export async function openCrew(url: string, changes: Partial<CrewOptions> = {}): Promise<OpenCrew> {
  const warnings: string[] = [];
  const crew = await Crew.gather({
    url,
    expect: null,
    withinMs: 20_000,
    env: {},
    version: toolVersion(),
    signal: new AbortController().signal,
    onStatus: () => {},
    onWarning: (text) => warnings.push(text),
    ...changes,
  });
  onTestFinished(() => crew.close());
  return { crew, warnings };
}

/** The load of a crew, stopped with the test. */
export async function loadOf(
  crew: Crew,
  plan: LoadPlan,
  onLost: (reason: string) => void = () => {},
): Promise<LoadSession> {
  const session = await crew.startLoad({ plan, onLost, onSpoilt: () => {} });
  onTestFinished(() => session.stop());
  return session;
}

/** Told this long ahead: then a busy machine cannot be late with it. */
const AHEAD_MS = 900;

/** Resolves when it is time to tell workers of this instant. */
export function until(atMs: number): Promise<void> {
  return sleep(Math.max(0, atMs - AHEAD_MS - monotonicMs()));
}
