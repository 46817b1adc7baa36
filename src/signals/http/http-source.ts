import { compileJsonPath, valueAt } from "../../load/answers/json-value.js";
import type { SignalEndpoint, SignalSpec } from "../../plan/signals/signal-spec.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import { askPage, troubled } from "../polled/ask-page.js";
import type { SignalLook } from "../polled/look.js";
import { PolledSource } from "../polled/polled-source.js";
import type { SignalSource } from "../signal-source.js";

/** An endpoint that answers with JSON, or with one number. */
export function httpSource(spec: SignalSpec, source: SignalEndpoint): SignalSource {
  return new PolledSource(spec, (stop) =>
    askPage({ source, timeoutMs: spec.timeoutMs }, stop, (text) => lookInto(text, spec.reads)),
  );
}

function lookInto(text: string, reads: SignalSpec["reads"]): SignalLook {
  if (reads.of === "values") {
    const value = numberIn(text, "value", reads.value);
    return typeof value === "number" ? { kind: "value", value } : troubled(value);
  }
  const bad = numberIn(text, "bad", reads.bad);
  const total = numberIn(text, "total", reads.total);
  if (typeof bad !== "number") return troubled(bad);
  if (typeof total !== "number") return troubled(total);
  return { kind: "counters", bad: new Map([["", bad]]), total: new Map([["", total]]) };
}

/** @param query a JSON path. "": the whole answer is the number. */
function numberIn(text: string, key: string, query: string): number | SignalTrouble {
  if (query === "") return finite(text.trim() === "" ? Number.NaN : Number(text), key, query, text.trim());
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return { id: "not_a_number", facts: { key, query, value: shown(text) } };
  }
  const found = valueAt(root, compileJsonPath(query));
  if (found === undefined) return { id: "no_series", facts: { key, query } };
  return finite(typeof found === "number" ? found : Number.NaN, key, query, JSON.stringify(found));
}

function finite(value: number, key: string, query: string, written: string): number | SignalTrouble {
  if (Number.isFinite(value)) return value;
  return { id: "not_a_number", facts: { key, query, value: shown(written) } };
}

const SHOWN_CHARACTERS = 60;

function shown(text: string): string {
  return text.trim().slice(0, SHOWN_CHARACTERS);
}
