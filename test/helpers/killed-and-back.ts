import { expect } from "vitest";
import type { LoadSession } from "../../src/load/session.js";
import type { SegmentMeasurement } from "../../src/measure/segment-accumulator.js";
import { sleep } from "../../src/support/clock.js";
import { sum, totals } from "./load-plans.js";
import type { ReturningServer } from "./returning-server.js";

/** Whatever became of them. */
export function expectOneOutcomeEach({ all, requests }: SegmentMeasurement): void {
  for (const { scheduled, ...outcomes } of [all, ...requests].map(totals)) {
    expect(sum(Object.values(outcomes))).toBe(scheduled);
  }
}

/**
 * Kills the server under load, and has it come back: requests are reset, then refused, then answered again.
 * @param answered how many requests the server has answered.
 * @param lasts how long the load goes on before, while it is down, and after it is back.
 */
export async function expectKilledAndBack(
  session: LoadSession,
  server: ReturningServer,
  answered: () => number,
  lasts: { readonly beforeMs: number; readonly downMs: number; readonly afterMs: number },
): Promise<void> {
  try {
    await session.begin({ id: "before", limits: [] });
    await sleep(lasts.beforeMs);
    await server.down();
    await session.begin({ id: "down", limits: [] });
    await sleep(lasts.downMs);
    await session.end();
    const before = await session.drain("before");
    // What is late must not find the server there again.
    const down = await session.drain("down");
    await server.up();
    await session.begin({ id: "after", limits: [] });
    await sleep(lasts.afterMs);
    await session.end();
    const after = await session.drain("after");
    for (const segment of [before, down, after]) expectOneOutcomeEach(segment);
    const counts = { before: totals(before.all), down: totals(down.all), after: totals(after.all) };
    expect(counts.before.ok).toBeGreaterThan(0);
    expect(counts.down).toMatchObject({ ok: 0, timeout: 0, http_error: 0 });
    expect(counts.down.refused).toBeGreaterThan(0);
    expect(Object.keys(down.reasons)).toContain("ECONNREFUSED");
    expect(counts.after.ok).toBe(counts.after.scheduled);
    // The difference are answers that were on their way when the server went down.
    const ok = counts.before.ok + counts.after.ok;
    expect(answered()).toBeGreaterThanOrEqual(ok);
    expect(answered()).toBeLessThanOrEqual(ok + counts.before.reset + counts.down.reset);
  } finally {
    await session.stop();
  }
}
