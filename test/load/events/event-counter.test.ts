import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventCounter } from "../../../src/load/events/event-counter.js";

function count(text: string | Buffer): number {
  return new EventCounter().read(Buffer.from(text));
}

describe("events of a stream", () => {
  test.each<[string, number]>([
    ["data: a\n\n", 1],
    ["data: a\r\n\r\n", 1],
    ["data: a\r\rdata: b\r\r", 2],
    ["data: a\ndata: b\nid: 7\nevent: price\n\n", 1],
    ["data\n\n", 1],
    ["data:\n\n", 1],
    ["\ufeffdata: a\n\n", 1],
    // Comments, other fields and empty lines are no events.
    [": ping\n\n", 0],
    ["id: 7\n\n", 0],
    ["datum: a\n\n", 0],
    ["dat\n\n", 0],
    ["data2: a\n\n", 0],
    [" data: a\n\n", 0],
    ["\n\n\n\n", 0],
    ["data: a\n\n\n\n", 1],
    // The last one is not whole.
    ["data: a\n\ndata: b\n", 1],
    ["data: a", 0],
  ])("%j has %i", (text, events) => {
    expect(count(text)).toBe(events);
  });

  test("the same are found wherever the stream is cut into pieces", () => {
    const line = fc.constantFrom(
      "data: x",
      "data",
      ": c",
      "",
      "",
      "id: 1",
      "event: e",
      "dat",
      "data: \u00e9",
    );
    const end = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, end), { maxLength: 30 }),
        fc.array(fc.nat(200), { maxLength: 10 }),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((parts) => parts.join("")).join(""));
          const at = [
            0,
            ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ];
          const counter = new EventCounter();
          let events = 0;
          for (let i = 1; i < at.length; i++) events += counter.read(bytes.subarray(at[i - 1], at[i]));
          expect(events).toBe(count(bytes));
        },
      ),
    );
  });
});
