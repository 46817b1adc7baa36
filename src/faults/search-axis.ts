import type { z } from "zod";
import { bandwidthRange, durationRange, percentageRange, sizeRange } from "../quantities/schema.js";
import {
  parseBandwidth,
  parseDuration,
  parsePercentage,
  parseSize,
  type Range,
} from "../quantities/units.js";
import type { FaultAction } from "./fault-action.js";
import type { FaultPlace } from "./modifiers.js";

/** What `find:` may search over. */
export interface SearchAxis<Key extends string = string> {
  /** The YAML key under `find:`. */
  readonly key: Key;
  /** A range, as numbers of `unit`. */
  readonly range: z.ZodType<Range<number>>;
  readonly unit: string;
  /** A value with its unit, for messages. */
  readonly example: string;
  /** What is searched over, in the driver's own word. */
  readonly attribute: string;
  /** The same when it stands alone: "latency jitter". */
  readonly label: string;
  /** @returns null when the text is not an amount of this unit. */
  amount(text: string): number | null;
  action(at: FaultPlace, amount: number): FaultAction;
}

interface AxisOf<Key extends string> {
  readonly key: Key;
  readonly attribute: string;
  readonly label: string;
  /** For the reference: "0ms..2s". */
  readonly sample: string;
  /** For a key that faults have no key of the same name for. */
  readonly description?: string;
  readonly action: SearchAxis["action"];
}

function metaOf(sample: string, description: string | undefined) {
  return { samples: [sample], ...(description === undefined ? {} : { description }) };
}

export function durationAxis<const Key extends string>({
  sample,
  description,
  ...rest
}: AxisOf<Key>): SearchAxis<Key> {
  return {
    ...rest,
    range: durationRange()
      .transform(({ from, to }) => ({ from: from.ms, to: to.ms }))
      .meta(metaOf(sample, description)),
    unit: "ms",
    example: "20ms",
    amount: (text) => parseDuration(text)?.ms ?? null,
  };
}

export function bandwidthAxis<const Key extends string>({
  sample,
  description,
  ...rest
}: AxisOf<Key>): SearchAxis<Key> {
  return {
    ...rest,
    range: bandwidthRange()
      .transform(({ from, to }) => ({ from: from.kbPerS, to: to.kbPerS }))
      .meta(metaOf(sample, description)),
    unit: "KB/s",
    example: "10KB/s",
    amount: (text) => parseBandwidth(text)?.kbPerS ?? null,
  };
}

/** Amounts are numbers of percent: 0 to 100. */
export function percentageAxis<const Key extends string>({
  sample,
  description,
  ...rest
}: AxisOf<Key>): SearchAxis<Key> {
  const percent = (ratio: number) => Number((ratio * 100).toPrecision(12));
  return {
    ...rest,
    range: percentageRange()
      .transform(({ from, to }) => ({ from: percent(from.ratio), to: percent(to.ratio) }))
      .meta(metaOf(sample, description)),
    unit: "%",
    example: "2%",
    amount: (text) => {
      const parsed = parsePercentage(text);
      return parsed && percent(parsed.ratio);
    },
  };
}

export function sizeAxis<const Key extends string>({
  sample,
  description,
  ...rest
}: AxisOf<Key>): SearchAxis<Key> {
  return {
    ...rest,
    range: sizeRange()
      .transform(({ from, to }) => ({ from: from.bytes, to: to.bytes }))
      .meta(metaOf(sample, description)),
    unit: "B",
    example: "1KB",
    amount: (text) => parseSize(text)?.bytes ?? null,
  };
}
