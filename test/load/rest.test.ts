import { afterEach, expect, test } from "vitest";
import { startLoad } from "../../src/load/start-load.js";
import type { LoadModel, Profile } from "../../src/plan/load-plan.js";
import { sleep } from "../../src/support/clock.js";
import { type HostileServer, ok, startHostileServer } from "../helpers/hostile-server.js";
import { loadPlan, totals } from "../helpers/load-plans.js";

const servers: HostileServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.down();
});

/** A second of load, a second of none, and load again for good. */
const withRest = (value: number): Profile => ({
  startValue: value,
  stages: [
    { kind: "step", durationMs: 1000, to: value },
    { kind: "step", durationMs: 1000, to: 0 },
    { kind: "step", durationMs: 1000, to: value },
  ],
});

const MODELS: readonly (readonly [string, number, LoadModel])[] = [
  ["open model", 1, { kind: "open", arrivals: "even", profile: withRest(100), maxConnections: 10 }],
  ["closed model", 1, { kind: "closed", profile: withRest(4), thinkTimeMs: 20 }],
  ["closed model with two threads", 2, { kind: "closed", profile: withRest(4), thinkTimeMs: 20 }],
];

test.each(MODELS)(
  "%s: nothing is sent while the value is 0, and load comes back",
  async (_, workers, model) => {
    const server = await startHostileServer({ onRequest: (socket) => socket.write(ok()) });
    servers.push(server);
    const session = await startLoad({ plan: loadPlan(server.url, model, { workers }) });
    try {
      await session.begin({ id: "all", limits: [] });
      // Looked at 0.3 s within the edges of the rest, which is more than a busy machine is late by.
      await sleep(1300);
      const before = server.requests;
      await sleep(400);
      expect(server.requests).toBe(before);
      expect(before).toBeGreaterThan(20);
      // In the closed model a virtual user that rests has gone.
      if (model.kind === "closed") expect(server.openSockets).toBe(0);
      await sleep(900);
      await session.end();
      const { all } = await session.drain("all");
      const counts = totals(all);
      expect(counts.ok).toBe(counts.scheduled);
      expect(counts.ok).toBe(server.requests);
      expect(server.requests).toBeGreaterThan(before + 20);
    } finally {
      await session.stop();
    }
  },
);
