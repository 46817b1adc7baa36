import { expect, test } from "vitest";
import type { FaultInjector } from "../../../src/faults/fault-driver.js";
import { AcceptedConnections } from "../../../src/run/phases/accepted-connections.js";
import { type AcceptedInSpan, Recorder } from "../../../src/run/phases/recorder.js";
import { sleep } from "../../../src/support/clock.js";

/** Keeps what it is told. */
class Told extends Recorder {
  readonly spans: (readonly [phase: string, proxy: string, span: AcceptedInSpan])[] = [];

  override accepted(phaseId: string, proxy: string, span: AcceptedInSpan): void {
    this.spans.push([phaseId, proxy, span]);
  }
}

/** A server whose answers are given in turn; the last one stands for all that follow. */
function reading(answers: readonly (Readonly<Record<string, number>> | Error)[]) {
  let asked = 0;
  const faults = {
    accepted: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? {};
      asked += 1;
      if (answer instanceof Error) throw answer;
      return new Map(Object.entries(answer));
    },
  } satisfies Partial<FaultInjector>;
  const told = new Told({}, (text) => text);
  // It asks for nothing else.
  const connections = new AcceptedConnections(faults as unknown as FaultInjector, told);
  const counts = () => told.spans.map(([phase, proxy, { connections }]) => [phase, proxy, connections]);
  return { connections, counts, told, asked: () => asked };
}

test("what is accepted between two readings belongs to the phase that was on, and none of it is lost", async () => {
  const { connections, counts, told } = reading([{ cache: 5 }, { cache: 8, db: 2 }, { cache: 8, db: 9 }]);
  await connections.begin("baseline");
  await connections.begin("fault");
  await connections.end();
  expect(counts()).toEqual([
    ["baseline", "cache", 3],
    ["fault", "cache", 0],
    ["fault", "db", 7],
  ]);
  const [[, , first] = [], [, , second] = []] = told.spans;
  expect(second?.fromMs).toBe(first?.untilMs);
});

test("it is read again and again while a phase goes on, and no more after its end", async () => {
  const { connections, asked } = reading([{ cache: 1 }]);
  await connections.begin("fault");
  await sleep(2_300);
  expect(asked()).toBeGreaterThanOrEqual(2);
  await connections.end();
  const atEnd = asked();
  await sleep(1_200);
  expect(asked()).toBe(atEnd);
});

test("a server that counts nothing is not asked again", async () => {
  const { connections, asked } = reading([{}]);
  await connections.begin("fault");
  await sleep(1_200);
  expect(asked()).toBe(1);
  await connections.end();
});

test("a reading that failed makes one long span, but none that crosses two phases", async () => {
  const lost = new Error("gone");
  const { connections, counts } = reading([{ cache: 1 }, lost, { cache: 50 }, { cache: 53 }]);
  await connections.begin("baseline");
  await connections.begin("fault");
  await connections.begin("recovery");
  await connections.end();
  expect(counts()).toEqual([["recovery", "cache", 3]]);
});

test("a server that began to count anew tells nothing of the time before", async () => {
  const { connections, counts } = reading([{ cache: 90 }, { cache: 2 }, { cache: 5 }]);
  await connections.begin("baseline");
  await connections.begin("fault");
  await connections.end();
  expect(counts()).toEqual([["fault", "cache", 3]]);
});
