import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockOffset } from "../../../src/load/distributed/clock-offset.js";
import { LINE_BEAT_MS, NumberedLine } from "../../../src/load/distributed/line.js";
import type { ToRun, ToWorker } from "../../../src/load/distributed/messages.js";
import { isProof, keyProof, newRunKey } from "../../../src/load/distributed/sealing.js";
import { decode, encode, packPlan, unpackPlan } from "../../../src/load/distributed/wire-format.js";
import { seededRandom } from "../../../src/support/random.js";
import { feedOf, loadPlan, openModel, rowsOf } from "../../helpers/load-plans.js";

const RUN = "0123456789abcdef";

function seals(workersKey = "", othersKey = workersKey) {
  const [run, worker] = [newRunKey(workersKey), newRunKey(othersKey)];
  return {
    run: run.agree(worker.publicText, RUN, "run"),
    worker: worker.agree(run.publicText, RUN, "worker"),
  };
}

/** Two ends, with a net between them that loses and doubles frames. Nothing is sent but what `deliver` lets through. */
function lossyLine(seed: number, lossShare: number) {
  const { run, worker } = seals();
  const random = seededRandom(seed);
  const got: ToRun[] = [];
  const there: ToWorker[] = [];
  const underWay: { readonly frame: Uint8Array; readonly to: "run" | "worker" }[] = [];
  const publish = (to: "run" | "worker") => (frame: Uint8Array) => {
    if (random() >= lossShare) underWay.push({ frame, to });
    if (random() < 0.1) underWay.push({ frame, to });
  };
  const options = { mostBytes: 4096, onUnreadable: (reason: string) => expect(reason).toBe("") };
  const ofRun: NumberedLine<ToWorker, ToRun> = new NumberedLine({
    ...options,
    seal: run,
    publish: publish("worker"),
    onMessage: (message) => got.push(message),
  });
  const ofWorker: NumberedLine<ToRun, ToWorker> = new NumberedLine({
    ...options,
    seal: worker,
    publish: publish("run"),
    onMessage: (message) => there.push(message),
    answersBeats: true,
  });
  const deliver = () => {
    for (const { frame, to } of underWay.splice(0)) (to === "run" ? ofRun : ofWorker).receive(frame);
  };
  return { ofRun, ofWorker, got, there, deliver };
}

test("every message comes once and in order, whatever the server loses", { timeout: 60_000 }, async () => {
  const { ofRun, ofWorker, got, there, deliver } = lossyLine(7, 0.3);
  const spoilt = (reason: string): ToRun => ({ kind: "spoilt", reason });
  // The last one has more parts than one frame has room for.
  const texts = [...Array.from({ length: 60 }, (_, at) => `message ${at}`), noise(30_000)];
  for (const text of texts) ofWorker.send(spoilt(text));
  ofRun.send({ kind: "stop" });
  for (let tries = 0; tries < 400 && !(ofWorker.isQuiet && ofRun.isQuiet); tries++) {
    ofRun.beat();
    ofWorker.beat();
    deliver();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(got.map((message) => message.kind === "spoilt" && message.reason.slice(0, 20))).toEqual(
    texts.map((text) => text.slice(0, 20)),
  );
  expect(got.at(-1)).toEqual(spoilt(texts.at(-1) ?? ""));
  expect(there).toEqual([{ kind: "stop" }]);
  expect(ofRun.clock.trips).toBeGreaterThan(3);
  // Both ends have one clock here.
  const { offsetMs, errorMs } = ofRun.clock.best(performance.now()) ?? {
    offsetMs: Number.NaN,
    errorMs: Number.NaN,
  };
  expect(Math.abs(offsetMs)).toBeLessThanOrEqual(errorMs + 0.001);
});

test("a side whose answers go out needs no beats of its own, and gives signs of life again when nobody asks", async () => {
  const { run, worker } = seals();
  const frames: Record<"run" | "worker", Uint8Array[]> = { run: [], worker: [] };
  const options = { mostBytes: 4096, onUnreadable: () => {}, onMessage: () => {} };
  const ofRun = new NumberedLine<ToWorker, ToRun>({
    ...options,
    seal: run,
    publish: (frame) => frames.run.push(frame),
  });
  const ofWorker = new NumberedLine<ToRun, ToWorker>({
    ...options,
    seal: worker,
    publish: (frame) => frames.worker.push(frame),
    answersBeats: true,
  });
  ofRun.beat();
  ofWorker.receive(frames.run.at(-1) ?? new Uint8Array());
  expect(frames.worker).toHaveLength(1);
  ofWorker.beat();
  expect(frames.worker).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, LINE_BEAT_MS + 5));
  ofWorker.beat();
  expect(frames.worker).toHaveLength(2);
});

test("what is only late is not sent again, and what is lost is, as soon as something later has come", async () => {
  const { run, worker } = seals();
  const toRun: Uint8Array[] = [];
  const toWorker: Uint8Array[] = [];
  const got: ToRun[] = [];
  const options = { mostBytes: 4096, onUnreadable: () => {} };
  const ofRun = new NumberedLine<ToWorker, ToRun>({
    ...options,
    seal: run,
    publish: (frame) => toWorker.push(frame),
    onMessage: (message) => got.push(message),
  });
  const ofWorker = new NumberedLine<ToRun, ToWorker>({
    ...options,
    seal: worker,
    publish: (frame) => toRun.push(frame),
    onMessage: () => {},
    answersBeats: true,
  });
  const reasons = ["a", "b", "c"];
  for (const reason of reasons) ofWorker.send({ kind: "spoilt", reason });
  const parts = toRun.length;
  expect(parts).toBe(3);
  // A run that is busy for a second and more, and hears nothing meanwhile.
  for (let beats = 0; beats < 6; beats++) {
    await new Promise((resolve) => setTimeout(resolve, LINE_BEAT_MS + 5));
    ofRun.beat();
    ofWorker.beat();
  }
  const sizes = toRun.slice(parts).map((frame) => frame.length);
  expect(new Set(sizes).size).toBe(1);
  expect(sizes[0]).toBeLessThan(Math.min(...toRun.slice(0, parts).map((frame) => frame.length)));
  // The second one is lost.
  for (const frame of toRun.splice(0).toSpliced(1, 1)) ofRun.receive(frame);
  expect(got).toEqual([{ kind: "spoilt", reason: "a" }]);
  ofRun.beat();
  ofWorker.receive(toWorker.at(-1) ?? new Uint8Array());
  for (const frame of toRun.splice(0)) ofRun.receive(frame);
  expect(got).toEqual(reasons.map((reason) => ({ kind: "spoilt", reason })));
});

test("an old frame that is sent again is no sign of life", async () => {
  const { run, worker } = seals();
  const frames: Uint8Array[] = [];
  const options = { mostBytes: 4096, onUnreadable: () => {}, onMessage: () => {} };
  const ofRun = new NumberedLine<ToWorker, ToRun>({
    ...options,
    seal: run,
    publish: (frame) => frames.push(frame),
  });
  const ofWorker = new NumberedLine<ToRun, ToWorker>({ ...options, seal: worker, publish: () => {} });
  ofRun.beat();
  ofRun.beat();
  for (const frame of frames) ofWorker.receive(frame);
  const { heardMs } = ofWorker;
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const frame of frames) ofWorker.receive(frame);
  expect(ofWorker.heardMs).toBe(heardMs);
  ofRun.beat();
  ofWorker.receive(frames.at(-1) ?? new Uint8Array());
  expect(ofWorker.heardMs).toBeGreaterThan(heardMs);
});

test("a closed line neither sends nor takes", () => {
  const { ofRun, ofWorker, got, deliver } = lossyLine(1, 0);
  ofRun.close();
  ofWorker.send({ kind: "ready" });
  deliver();
  expect(got).toEqual([]);
});

test("what the other side has not sealed is passed over", () => {
  const { run, worker } = seals();
  const sealed = run.seal(Buffer.from("begin"));
  expect(worker.open(sealed)?.toString()).toBe("begin");
  // Neither its own nor what was changed under way.
  expect(run.open(sealed)).toBeNull();
  sealed[sealed.length - 1]! ^= 1;
  expect(worker.open(sealed)).toBeNull();
  expect(worker.open(new Uint8Array(3))).toBeNull();
});

test("without the same key of workers nothing can be read", () => {
  const { run, worker } = seals("a key of sixteen or more", "another key of sixteen");
  expect(worker.open(run.seal(Buffer.from("begin")))).toBeNull();
  const proof = keyProof("a key of sixteen or more", "call", RUN, "key");
  expect(isProof(proof, "a key of sixteen or more", "call", RUN, "key")).toBe(true);
  expect(isProof(proof, "another key of sixteen", "call", RUN, "key")).toBe(false);
  expect(isProof(proof, "a key of sixteen or more", "call", RUN, "other")).toBe(false);
});

test("a plan goes along with the rows of its feeds, its files and its limits", () => {
  const rows = [{ id: "1", name: "Zoë" }, { id: "2" }];
  const feed = feedOf("users", "round-robin", rows as readonly Record<string, string>[]);
  const plan = loadPlan("https://shop.example.com/", openModel(10), {
    feeds: [feed],
    target: {
      url: "https://shop.example.com/",
      socketPath: null,
      tls: { ca: "-----BEGIN CERTIFICATE-----", cert: null, key: null, servername: null, verify: true },
    },
  });
  const shares = [{ thread: 1, threads: 3 }];
  const sent = decode(encode({ kind: "prepare", packed: packPlan(plan), shares }));
  if (sent.kind !== "prepare") throw new Error("it was a plan");
  expect(sent.shares).toEqual(shares);
  const { target, feeds } = unpackPlan(sent.packed);
  expect(target).toEqual(plan.target);
  const [first] = feeds;
  expect(first?.table.bytes).toBeInstanceOf(SharedArrayBuffer);
  expect(first && rowsOf(first)).toEqual(rowsOf(feed));
});

test("the clock of another machine is known to half of a round trip", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.array(
        fc.record({
          thereMs: fc.double({ min: 0, max: 50, noNaN: true }),
          heldMs: fc.double({ min: 0, max: 200, noNaN: true }),
          backMs: fc.double({ min: 0, max: 50, noNaN: true }),
        }),
        { minLength: 1, maxLength: 30 },
      ),
      (aheadMs, trips) => {
        const clock = new ClockOffset();
        let nowMs = 1000;
        for (const { thereMs, heldMs, backMs } of trips) {
          const heardMs = nowMs + thereMs + aheadMs;
          const cameMs = nowMs + thereMs + heldMs + backMs;
          clock.add(nowMs, heardMs, heardMs + heldMs, cameMs);
          nowMs = cameMs + 200;
        }
        const best = clock.best(nowMs);
        expect(best).not.toBeNull();
        if (best) expect(Math.abs(best.offsetMs - aheadMs)).toBeLessThanOrEqual(best.errorMs + 1e-6);
      },
    ),
  );
});

/** Text that cannot be made shorter. */
function noise(length: number): string {
  const random = seededRandom(length);
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join("");
}
