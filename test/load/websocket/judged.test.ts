import { expect } from "vitest";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import type { WebSocketRequest } from "../../../src/requests/websocket/websocket-request.js";
import { onTestFinished, testAtOnce as test } from "../../helpers/at-once.js";
import { exchangeOf, expected, sent } from "../../helpers/exchanges.js";
import {
  closedModel,
  feedOf,
  loadPlan,
  openModel,
  runLoadUntil,
  sum,
  totals,
} from "../../helpers/load-plans.js";
import { RawWebSocketServer, type WebSocketBehaviour } from "../../helpers/websocket-server.js";

/** What a message is taken for: a fallback, or one with values of its own exchange. */

async function serverThat(behaviour: WebSocketBehaviour) {
  const server = new RawWebSocketServer(() => behaviour);
  await server.up();
  onTestFinished(() => server.down());
  return server;
}

function planFor(
  { url }: RawWebSocketServer,
  model: LoadModel,
  messages: WebSocketRequest["messages"],
  changes: Partial<WebSocketRequest> = {},
  more: Partial<LoadPlan> = {},
) {
  const tellsDegraded = messages.some((message) => message.kind === "receive" && message.degraded);
  const requests = [exchangeOf({ messages, tellsDegraded, ...changes })];
  return loadPlan(url, model, { mix: { kind: "requests", requests }, ...more });
}

const NOTHING = { text: null, json: {}, binary: null, close: null };
const ESTIMATED = { ...NOTHING, json: { "$.estimated": true } };
const price = (nth: number, of: object = {}) => JSON.stringify({ op: "price", nth, ...of });

for (const [what, model, keepsConnection] of [
  ["the open model", openModel(100), false],
  ["the closed model, on kept connections", closedModel(3, 5), true],
] as const)
  test(`a fallback is ok and degraded, and not held to what is expected: ${what}`, async () => {
    const told = { fallbacks: 0, good: 0, bad: 0 };
    let nth = 0;
    const server = await serverThat({
      onMessage: (to) => {
        nth += 1;
        if (nth % 3 === 0) told.fallbacks += 1;
        else if (nth % 3 === 1) told.good += 1;
        else told.bad += 1;
        if (nth % 3 === 0) to.text('{"estimated":true,"id":"old"}');
        else to.text(nth % 3 === 1 ? price(nth, { id: "new" }) : '{"op":"sorry","id":"none"}');
      },
    });
    const messages = [
      sent("price?"),
      expected(
        { json: { "$.op": "price" } },
        { degraded: ESTIMATED, capture: [{ name: "id", from: { kind: "json", path: "$.id" } }] },
      ),
    ];
    const plan = planFor(server, model, messages, { keepsConnection });
    const { all, reasons } = await runLoadUntil(plan, () => nth > 40);
    const counts = totals(all);
    expect(sum(all.degraded ?? [])).toBe(told.fallbacks);
    expect(counts.ok).toBe(told.good + told.fallbacks);
    expect(counts.http_error).toBe(told.bad);
    expect(reasons).toEqual({ 'json $.op: expected "price", found "sorry"': told.bad });
  });

test("a fallback ends the wait for another message, and the exchange goes on behind it", async () => {
  const server = await serverThat({
    onMessage: (to, payload) => {
      if (payload.toString() === "bye") return to.text("bye");
      to.text("tick");
      to.text('{"state":"queued"}');
      to.text('{"state":"paid"}');
    },
  });
  const messages = [
    sent("pay"),
    expected(
      { json: { "$.state": "paid" } },
      { passesOver: true, degraded: { ...NOTHING, json: { "$.state": "queued" } } },
    ),
    sent("bye"),
    expected({ text: "bye" }, { passesOver: true }),
  ];
  const { all, reasons } = await runLoadUntil(
    planFor(server, closedModel(2, 5), messages),
    () => server.messages.length > 20,
  );
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(sum(all.degraded ?? [])).toBe(totals(all).scheduled);
});

test("an exchange with a fallback that goes wrong afterwards is bad, and not degraded", async () => {
  const server = await serverThat({
    onOpen: (to) => ['{"estimated":true}', "wrong"].map((text) => to.text(text)),
  });
  const messages = [expected({ text: "price" }, { degraded: ESTIMATED }), expected({ text: "good" })];
  const { all } = await runLoadUntil(
    planFor(server, closedModel(2, 5), messages),
    () => server.handshakes.length > 10,
  );
  expect(totals(all).http_error).toBe(totals(all).scheduled);
  expect(sum(all.degraded ?? [])).toBe(0);
});

test("an answer is held against what was sent and captured in the same exchange", async () => {
  const server = await serverThat({
    onMessage: (to, payload) => {
      const { id, big } = JSON.parse(payload.toString());
      to.text(JSON.stringify({ for: "somebody else", id: id + 1, text: "of ann" }));
      // A number that JavaScript cannot hold, and one that is written otherwise.
      to.text(
        `{"id":${id},"big":9007199254740993,"half":0.50,"isOpen":true,"text":"order of ann","was":"${big}"}`,
      );
      to.text(`{"id":${id},"big":9007199254740993,"half":5e-1,"isOpen":true,"was":"other"}`);
    },
  });
  const capture = ["big", "half", "isOpen"].map((name) => ({
    name,
    from: { kind: "json" as const, path: `$.${name}` },
  }));
  const messages: WebSocketRequest["messages"] = [
    { kind: "send", template: '{"id":${seq},"big":"${data.d.word}"}', form: "json" },
    expected({ json: { "$.id": "${seq}" }, text: "of ${data.d.name}" }, { passesOver: true, capture }),
    expected({
      json: {
        "$.id": { equals: "${seq}", exists: true },
        "$.big": "${capture.big}",
        "$.half": "${capture.half}",
        "$.isOpen": "${capture.isOpen}",
        "$.was": { not: "${data.d.word}" },
      },
    }),
  ];
  const more = { feeds: [feedOf("d", "round-robin", [{ name: "ann", word: "w" }])] };
  const { all, reasons } = await runLoadUntil(
    planFor(server, closedModel(3, 5), messages, { keepsConnection: true }, more),
    () => server.messages.length > 30,
  );
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
});

test("answers to another user's message are bad, by one reason that shows no value", async () => {
  let last = "nobody";
  const server = await serverThat({
    onMessage: (to, payload) => {
      to.text(JSON.stringify({ key: last }));
      last = payload.toString();
    },
  });
  const messages = [sent("secret-${seq}"), expected({ json: { "$.key": "secret-${seq}" } })];
  const { all, reasons } = await runLoadUntil(
    planFor(server, closedModel(3, 5), messages),
    () => server.messages.length > 40,
  );
  const counts = totals(all);
  expect(counts.http_error).toBe(counts.scheduled);
  const texts = Object.keys(reasons);
  // Five values are shown, and the others are one.
  expect(texts.length).toBeLessThanOrEqual(6);
  for (const text of texts) expect(text).toMatch(/^json \$\.key: expected "secret-\$\{seq\}", found /);
  expect(sum(Object.values(reasons))).toBe(counts.scheduled);
});

test("what begins with $${ is a text, and no value", async () => {
  const server = await serverThat({ onOpen: (to) => to.text('{"t":"${seq}"}') });
  const messages = [expected({ json: { "$.t": "$${seq}" }, text: { regex: "\\$\\{seq", not: "$${uuid}" } })];
  const { reasons } = await runLoadUntil(
    planFor(server, closedModel(1, 5), messages),
    () => server.handshakes.length > 3,
  );
  expect(reasons).toEqual({});
});
