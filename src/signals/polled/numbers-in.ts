import { compileJsonPath, valueAt } from "../../load/answers/json-value.js";
import type { SignalReads } from "../../plan/signals/signal-spec.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import type { Quote } from "../signal-source.js";
import { type SignalLook, troubled } from "./look.js";

const MOST_QUOTED = 60;

/** What JSON paths find in an answer. Without a path the answer itself is the number. */
export function numbersIn(text: string, reads: SignalReads, quote: Quote): SignalLook {
  const read = (key: string, query: string) =>
    numberIn(text, key, query, (found) => quote(found, MOST_QUOTED));
  if (reads.of === "values") {
    const value = read("value", reads.value);
    return typeof value === "number" ? { kind: "value", value } : troubled(value);
  }
  const bad = read("bad", reads.bad);
  const total = read("total", reads.total);
  if (typeof bad !== "number") return troubled(bad);
  if (typeof total !== "number") return troubled(total);
  return { kind: "counters", bad: new Map([["", bad]]), total: new Map([["", total]]) };
}

function numberIn(
  text: string,
  key: string,
  query: string,
  shown: (text: string) => string,
): number | SignalTrouble {
  const orNone = (value: number, written: string): number | SignalTrouble =>
    Number.isFinite(value)
      ? value
      : { id: "not_a_number", facts: { key, query, value: shown(written.trim()) } };
  if (query === "") return orNone(text.trim() === "" ? Number.NaN : Number(text), text);
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return orNone(Number.NaN, text);
  }
  const found = valueAt(root, compileJsonPath(query));
  if (found === undefined) return { id: "no_series", facts: { key, query } };
  return orNone(typeof found === "number" ? found : Number.NaN, JSON.stringify(found));
}
