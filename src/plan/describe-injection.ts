import { formatMs, formatSeconds } from "../support/format.js";
import type { FaultStage, Injection, ToxicSpec } from "./injection.js";

/** "latency 300 ms ± 50 ms on cache": an injection in a user's words. */
function describeInjection({ proxy, ...injection }: Injection): string {
  if (injection.kind === "down") return `connections refused on ${proxy}`;
  const { toxic } = injection;
  const share =
    toxic.toxicity < 1 ? ` for ${Number((toxic.toxicity * 100).toPrecision(6))}% of connections` : "";
  return `${effectOf(toxic)} on ${proxy}${share}`;
}

const DROPS_ALL = "nothing passes";
const HOLDS_ALL = "all data held back";
const CUTS = [DROPS_ALL, HOLDS_ALL];

/** All of a moment; a cut both ways is two toxics and one thing to a user. */
export function describeInjections(injections: readonly Injection[]): string {
  if (injections.length === 0) return "nothing";
  const texts = injections.map(describeInjection);
  const joined: string[] = [];
  for (const text of texts) {
    const cut = CUTS.find((effect) => text.startsWith(`${effect} downstream`));
    const at = cut === undefined ? -1 : joined.indexOf(text.replace(`${cut} downstream`, `${cut} upstream`));
    if (at >= 0) joined[at] = text.replace(" downstream", "");
    else joined.push(text);
  }
  return joined.join(", ");
}

/** All of a fault: "latency 20 ms on cache; after 3 s: nothing; after 6 s: latency 80 ms on cache". */
export function describeFault(injections: readonly Injection[], stages: readonly FaultStage[]): string {
  const later = stages.map(
    (stage) => `after ${formatSeconds(stage.atMs / 1000, EXACT)}: ${describeInjections(stage.injections)}`,
  );
  return [describeInjections(injections), ...later].join("; ");
}

/** Digits: what a user wrote is not rounded. */
const EXACT = 9;

/** "1 GB", "1.025 kB". */
function exactBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const unit = units.findLastIndex((_, power) => bytes >= 1000 ** power);
  return unit < 0 ? `${bytes} B` : `${Number((bytes / 1000 ** unit).toPrecision(EXACT))} ${units[unit]}`;
}

function effectOf({ type, stream, attributes }: ToxicSpec): string {
  const value = (name: string) => attributes[name] ?? 0;
  const ms = (name: string) => formatMs(value(name), EXACT);
  const bytes = (name: string) => exactBytes(value(name));
  const way = stream === "upstream" ? " upstream" : "";
  switch (type) {
    case "latency":
      return `latency ${ms("latency")}${value("jitter") > 0 ? ` ± ${ms("jitter")}` : ""}${way}`;
    case "bandwidth":
      return value("rate") === 0
        ? `${HOLDS_ALL} ${stream}`
        : `at most ${exactBytes(value("rate") * 1000)}/s${way}`;
    case "timeout":
      return value("timeout") === 0
        ? `${DROPS_ALL} ${stream}`
        : `${DROPS_ALL}${way}, closed after ${ms("timeout")}`;
    case "reset_peer":
      return `connections reset${value("timeout") > 0 ? ` after ${ms("timeout")}` : ""}`;
    case "slow_close":
      return `closes ${ms("delay")} late${way}`;
    case "slicer":
      return `pieces of ${bytes("average_size")} ± ${bytes("size_variation")}, ${formatMs(value("delay") / 1000, EXACT)} apart${way}`;
    case "limit_data":
      return `closed after ${bytes("bytes")}${way}`;
    default:
      return `${type} ${JSON.stringify(attributes)} ${stream}`;
  }
}
