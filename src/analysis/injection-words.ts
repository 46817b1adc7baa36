/** What was injected, in words: "latency 300 ms ± 50 ms downstream on cache". */

import type { Injection, ToxicSpec } from "../plan/injection.js";
import { formatMs, formatRatio } from "../support/format.js";

export function describeInjections(injections: readonly Injection[]): string {
  return injections.map((injection) => `${describe(injection)} on ${injection.proxy}`).join("; ");
}

function describe(injection: Injection): string {
  if (injection.kind === "down") return "connections refused";
  const { toxic } = injection;
  const share = toxic.toxicity < 1 ? ` for ${formatRatio(toxic.toxicity)} of connections` : "";
  return `${describeToxic(toxic)} ${toxic.stream}${share}`;
}

/** Attributes are Toxiproxy's own: ms, KB of 1,000 bytes a second, bytes, microseconds for the slicer's delay. */
function describeToxic({ type, attributes }: ToxicSpec): string {
  const attribute = (name: string) => attributes[name] ?? 0;
  switch (type) {
    case "latency": {
      const jitter = attribute("jitter");
      return `latency ${formatMs(attribute("latency"))}${jitter > 0 ? ` ± ${formatMs(jitter)}` : ""}`;
    }
    case "bandwidth":
      return `bandwidth limited to ${attribute("rate")} KB/s`;
    case "timeout":
      return attribute("timeout") === 0
        ? "data vanishes"
        : `data vanishes, connections closed after ${formatMs(attribute("timeout"))}`;
    case "reset_peer":
      return attribute("timeout") === 0
        ? "connections reset"
        : `connections reset after ${formatMs(attribute("timeout"))}`;
    case "slow_close":
      return `close delayed by ${formatMs(attribute("delay"))}`;
    case "slicer":
      return `data sliced into ${attribute("average_size")} B pieces, ${attribute("delay")} µs apart`;
    case "limit_data":
      return `connections closed after ${attribute("bytes")} B`;
    default: {
      const list = Object.entries(attributes).map(([name, value]) => `${name} ${value}`);
      return `${type}${list.length > 0 ? ` (${list.join(", ")})` : ""}`;
    }
  }
}
