import type { Injection, ToxicSpec } from "./injection.js";

/** "latency 300 ms ± 50 ms on cache": an injection in a user's words. */
export function describeInjection({ proxy, ...injection }: Injection): string {
  if (injection.kind === "down") return `connections refused on ${proxy}`;
  const { toxic } = injection;
  const share =
    toxic.toxicity < 1 ? ` for ${Number((toxic.toxicity * 100).toPrecision(6))}% of connections` : "";
  return `${effectOf(toxic)} on ${proxy}${share}`;
}

/** All of a moment; a cut both ways is two toxics and one thing to a user. */
export function describeInjections(injections: readonly Injection[]): string {
  if (injections.length === 0) return "nothing";
  const texts = injections.map(describeInjection);
  const joined: string[] = [];
  for (const text of texts) {
    const [upstream, downstream] = ["nothing passes upstream", "nothing passes downstream"];
    const pair = text.startsWith(downstream) ? text.replace(downstream, upstream) : null;
    const at = pair === null ? -1 : joined.indexOf(pair);
    if (at >= 0) joined[at] = text.replace(downstream, "nothing passes");
    else joined.push(text);
  }
  return joined.join(", ");
}

function effectOf({ type, stream, attributes }: ToxicSpec): string {
  const value = (name: string) => attributes[name] ?? 0;
  const way = stream === "upstream" ? " upstream" : "";
  switch (type) {
    case "latency":
      return `latency ${value("latency")} ms${value("jitter") > 0 ? ` ± ${value("jitter")} ms` : ""}${way}`;
    case "bandwidth":
      return `at most ${value("rate")} KB/s${way}`;
    case "timeout":
      return value("timeout") === 0
        ? `nothing passes ${stream}`
        : `nothing passes${way}, closed after ${value("timeout")} ms`;
    case "reset_peer":
      return `connections reset${value("timeout") > 0 ? ` after ${value("timeout")} ms` : ""}`;
    case "slow_close":
      return `closes ${value("delay")} ms late${way}`;
    case "slicer":
      return `pieces of ${value("average_size")} B ± ${value("size_variation")} B, ${value("delay")} µs apart${way}`;
    case "limit_data":
      return `closed after ${value("bytes")} B${way}`;
    default:
      return `${type} ${JSON.stringify(attributes)} ${stream}`;
  }
}
