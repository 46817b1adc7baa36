import { expect, test } from "vitest";
import { telemetrySentence } from "../../../src/analysis/wording/telemetry-sentences.js";

const to = "http://127.0.0.1:9090/w";
const trouble = { id: "refused", facts: { status: 400, said: "out of order." } } as const;

test.each([
  [57, 0, null, `otlp: all 57 rows were taken by ${to}.`],
  [1, 0, null, `otlp: its row was taken by ${to}.`],
  [0, 1, trouble, `otlp: its row was not taken by ${to}: it answered 400, "out of order".`],
  [0, 57, trouble, `otlp: none of 57 rows was taken by ${to}: it answered 400, "out of order".`],
  [40, 1, trouble, `otlp: 1 of 41 rows was not taken by ${to}: it answered 400, "out of order".`],
  [40, 2, null, `otlp: 2 of 42 rows were not taken by ${to}.`],
])(
  "%i rows that were taken and %i that were not are told in one sentence",
  (sent, dropped, why, sentence) => {
    expect(telemetrySentence({ exporter: "otlp", to, sent, dropped, trouble: why })).toBe(sentence);
  },
);
