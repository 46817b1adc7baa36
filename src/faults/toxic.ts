/** The actions of the driver "toxiproxy": kinds make them, the driver carries them out. */

import { z } from "zod";
import { formatMs } from "../support/format.js";
import type { FaultAction } from "./fault-action.js";
import type { FaultPlace, Stream } from "./modifiers.js";

export const TOXIPROXY = "toxiproxy";

/** What Toxiproxy is told. Attribute names and units are Toxiproxy's own (ms, KB of 1,000 bytes, bytes). */
export interface ToxicSpec {
  readonly type: string;
  readonly stream: Stream;
  /** Share of connections (not requests) that are hit, 0..1. */
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

const toxicSchema = z.object({
  type: z.string(),
  stream: z.enum(["upstream", "downstream"]),
  toxicity: z.number(),
  attributes: z.record(z.string(), z.number()),
});

export function toxicAction(
  kind: string,
  { target, stream, toxicity }: FaultPlace,
  type: string,
  attributes: Readonly<Record<string, number>>,
): FaultAction {
  return { kind, driver: TOXIPROXY, target, spec: { type, stream, toxicity, attributes } };
}

/** The proxy is disabled: connections are refused. */
export function downAction(kind: string, target: string): FaultAction {
  return { kind, driver: TOXIPROXY, target, spec: { down: true } };
}

/** @returns null when the action is no toxic but a disabled proxy. */
export function toxicOf({ spec }: FaultAction): ToxicSpec | null {
  return toxicSchema.safeParse(spec).data ?? null;
}

/** What one toxic occupies on its proxy. */
export function toxicSlots(type: string, stream: Stream | null): readonly string[] {
  return stream === null ? [] : [`toxic (${type} ${stream})`];
}

/** The longest wait that one of Node's timers can count: 24.8 days. No run lasts as long. */
const UNTIL_REMOVED_MS = 2 ** 31 - 1;

/**
 * Holds all data, and loses none: it goes on in order when the toxic is removed. A `bandwidth` with a rate of 0 did the
 * same up to Toxiproxy 2.12. Since 2.13 that lets everything through.
 */
export const HOLD: Pick<ToxicSpec, "type" | "attributes"> = {
  type: "latency",
  attributes: { latency: UNTIL_REMOVED_MS },
};

/** Also one of a record that was made when a rate of 0 did it. */
export function isHold({ type, attributes }: Pick<ToxicSpec, "type" | "attributes">): boolean {
  if (type === "bandwidth") return attributes.rate === 0;
  return type === HOLD.type && (attributes.latency ?? 0) >= UNTIL_REMOVED_MS;
}

/** Most of Toxiproxy's attributes are whole numbers. */
export function whole(value: number): number {
  return Math.round(value);
}

/** Digits: what a user wrote is not rounded. */
const EXACT = 9;

/** Attributes in words. */
export interface ToxicWords {
  readonly toxic: ToxicSpec;
  /** " upstream", or "" for the usual way. */
  readonly way: string;
  value(attribute: string): number;
  ms(attribute: string): string;
  bytes(attribute: string): string;
}

/** A kind's `describe`. `effect` says what one toxic does; where and to whom is added. */
export function describeToxics(
  effect: (words: ToxicWords) => string,
): (actions: readonly FaultAction[]) => string {
  return (actions) =>
    actions
      .map((action) => {
        const toxic = toxicOf(action);
        return `${toxic === null ? action.kind : effect(toxicWords(toxic))}${onTarget(action)}`;
      })
      .join(", ");
}

/** " on cache for 40% of connections" */
export function onTarget(action: FaultAction): string {
  const share = toxicOf(action)?.toxicity ?? 1;
  const some = share < 1 ? ` for ${Number((share * 100).toPrecision(6))}% of connections` : "";
  return ` on ${action.target}${some}`;
}

function toxicWords(toxic: ToxicSpec): ToxicWords {
  const value = (attribute: string) => toxic.attributes[attribute] ?? 0;
  return {
    toxic,
    way: toxic.stream === "upstream" ? " upstream" : "",
    value,
    ms: (attribute) => exactMs(value(attribute)),
    bytes: (attribute) => exactBytes(value(attribute)),
  };
}

export function exactMs(ms: number): string {
  return formatMs(ms, EXACT);
}

/** "1 GB", "1.025 kB". */
export function exactBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const unit = units.findLastIndex((_, power) => bytes >= 1000 ** power);
  return unit < 0 ? `${bytes} B` : `${Number((bytes / 1000 ** unit).toPrecision(EXACT))} ${units[unit]}`;
}
