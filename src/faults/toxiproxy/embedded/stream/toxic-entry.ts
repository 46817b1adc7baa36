import type { Stream } from "../../../modifiers.js";
import type { ToxicType } from "./toxic.js";
import type { ToxicTally } from "./toxic-tally.js";

/** A toxic as it was put on a proxy. It has one entry, and one stage on every live connection. */
export interface ToxicEntry {
  readonly name: string;
  readonly type: ToxicType;
  readonly direction: Stream;
  /** The stream as the client wrote it: its case is kept. */
  readonly stream: string;
  /** Share of connections that are hit. In single precision, and not held to 0..1. */
  toxicity: number;
  /** By the type's attribute names. An update changes them in place. */
  readonly settings: Record<string, number>;
  tally: ToxicTally;
}
