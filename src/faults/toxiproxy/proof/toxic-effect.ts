/**
 * What a toxic must have done for its fault to be one. Most toxics act on every piece of data that they meet. With the
 * others, traffic may cross and nothing happens to it.
 */

import { countOf } from "../../../support/count-of.js";
import { formatBytes, formatMs } from "../../../support/format.js";
import { isHold, type ToxicSpec } from "../../toxic.js";
import type { ToxicTally } from "../embedded/stream/toxic-tally.js";

/** A toxic, as plain data. */
export type ToxicFacts = Pick<ToxicSpec, "type" | "stream" | "toxicity"> & {
  readonly attributes: { readonly [attribute: string]: number };
};

/** One that has not acted although data crossed its proxy. */
export type IdleToxic = ToxicFacts & Pick<ToxicTally, "connections" | "drawn">;

export function factsOf({ type, stream, toxicity, attributes }: ToxicSpec): ToxicFacts {
  return { type, stream, toxicity, attributes: { ...attributes } };
}

/** "latency", "timeout upstream". */
export function nameOf({ type, stream }: Pick<ToxicSpec, "type" | "stream">): string {
  return stream === "upstream" ? `${type} upstream` : type;
}

/** Its effect does not follow from data that crosses. */
export function hasRareEffect({ type }: ToxicSpec): boolean {
  return RARE_TYPES.includes(type);
}

const RARE_TYPES: readonly string[] = ["slow_close", "limit_data", "reset_peer", "packet_loss"];

/** Where it acts, no data goes on. So what is behind it, on either stream, meets none. */
export function stopsTraffic({ type, toxicity, attributes }: ToxicSpec): boolean {
  if (toxicity < 1) return false;
  return STOPPING_TYPES.includes(type) || isHold({ type, attributes });
}

const STOPPING_TYPES: readonly string[] = ["timeout", "limit_data", "reset_peer"];

/** Why a toxic has not acted although data crossed its proxy, and what would help. */
export function whyItDidNotAct(toxic: IdleToxic): string {
  const { toxicity, connections, drawn } = toxic;
  const name = nameOf(toxic);
  const all = countOf(connections, "connection");
  if (connections === 0) return `${name} met no connection`;
  if (drawn === 0)
    return `toxicity ${toxicity} spared ${connections === 1 ? "the only connection" : `all ${all}`} from ${name}: it is drawn for each connection, so use more connections or a higher toxicity`;
  const why = withoutEffect(toxic);
  if (drawn === connections) return `${name} had no effect: ${why ?? `no data came ${toxic.stream}`}`;
  return why === null
    ? `${name} was drawn for ${drawn} of ${all}; nothing crossed those: use more connections or a higher toxicity`
    : `${name} was drawn for ${drawn} of ${all} and had no effect there: ${why}`;
}

/** What it takes beside data. @returns null when data is enough. */
function withoutEffect({ type, stream, attributes }: ToxicFacts): string | null {
  const value = (name: string) => attributes[name] ?? 0;
  switch (type) {
    case "slow_close":
      return "no connection ended while it was on; it takes connections that close, or a longer fault";
    case "limit_data":
      return `no connection carried ${formatBytes(value("bytes"))}; use a smaller limit, or a longer fault`;
    case "reset_peer":
      return value("timeout") > 0
        ? `no connection was there to be reset ${formatMs(value("timeout"))} after its first data; use a shorter time`
        : null;
    case "packet_loss":
      return "none of the data that came was dropped; use a higher loss_rate, or more requests";
    case "slicer":
      return `no data came ${stream} in pieces above ${formatBytes(value("average_size") + value("size_variation"))}; use a smaller size`;
    default:
      return null;
  }
}
