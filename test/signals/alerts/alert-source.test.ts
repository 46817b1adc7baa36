import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { AlertEndpoint } from "../../../src/plan/signals/signal-spec.js";
import { openSource } from "../../../src/signals/sources.js";
import { stateOfNumber } from "../../../src/slo/alert-state.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { SURROUNDINGS } from "../../helpers/signal-surroundings.js";

async function serve(answer: (path: string) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer(request.url ?? "")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return `http://127.0.0.1:${port}`;
}

const rule = (name: string, state: string) => ({ name, state, type: "alerting", alerts: [] });
const rules = (...all: object[]) => ({ status: "success", data: { groups: [{ rules: all }] } });
const page = (alertname: string, state: string, by: object = {}) => ({
  labels: { alertname },
  status: { state, silencedBy: [], inhibitedBy: [], ...by },
});

/** The first state that is seen, or why there is none. */
async function seen(at: Pick<AlertEndpoint, "prometheus" | "alertmanager">): Promise<string> {
  const source: AlertEndpoint = { kind: "alerts", alert: "Down", headers: {}, tls: null, ...at };
  const spec = { name: "alert Down", source, reads: { of: "values", value: "Down" } as const };
  const opened = await openSource({ ...spec, everyMs: 200, timeoutMs: 2_000 }, SURROUNDINGS);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const fromMs = monotonicMs();
  void opened.start(stop.signal);
  const patienceMs = monotonicMs() + 20_000;
  for (;;) {
    await sleep(50);
    const { samples, troubles } = await opened.between(fromMs, monotonicMs(), stop.signal);
    const trouble = troubles.find(({ id }) => id !== "gap");
    if (trouble) return trouble.id;
    const [first] = samples;
    if (first && "value" in first) return stateOfNumber(first.value);
    if (monotonicMs() > patienceMs) return "nothing";
  }
}

test.each([
  ["of a rule that is inactive", [rule("Down", "inactive")], "quiet"],
  ["of a rule that is pending", [rule("Down", "pending")], "pending"],
  [
    "of two rules of one name, one of which fires",
    [rule("Down", "inactive"), rule("Down", "firing")],
    "firing",
  ],
  ["of a name that no rule has", [rule("Up", "firing")], "no_rule"],
])("a Prometheus tells the state %s", async (_, all, state) => {
  const prometheus = await serve(() => rules(...all));
  expect(await seen({ prometheus, alertmanager: null })).toBe(state);
});

test.each([
  ["is not there", [page("Up", "active")], "quiet"],
  ["is active", [page("Down", "active")], "firing"],
  ["is silenced", [page("Down", "suppressed", { silencedBy: ["x"] })], "silenced"],
  ["is inhibited", [page("Down", "suppressed", { inhibitedBy: ["x"] })], "inhibited"],
  [
    "is silenced for one of two",
    [page("Down", "suppressed", { silencedBy: ["x"] }), page("Down", "active")],
    "firing",
  ],
])("an Alertmanager tells of an alert that %s", async (_, all, state) => {
  const alertmanager = await serve(() => all);
  expect(await seen({ prometheus: null, alertmanager })).toBe(state);
});

test("a rule that fires has paged nobody before the Alertmanager has it, or while that is silenced", async () => {
  const prometheus = await serve(() => rules(rule("Down", "firing")));
  const without = await serve(() => []);
  expect(await seen({ prometheus, alertmanager: without })).toBe("pending");
  const silent = await serve(() => [page("Down", "suppressed", { silencedBy: ["x"] })]);
  expect(await seen({ prometheus, alertmanager: silent })).toBe("silenced");
});

test("a server of something else is not understood", async () => {
  const other = await serve(() => ({ hello: "world" }));
  expect(await seen({ prometheus: other, alertmanager: null })).toBe("refused_query");
  expect(await seen({ prometheus: null, alertmanager: other })).toBe("refused_query");
});
