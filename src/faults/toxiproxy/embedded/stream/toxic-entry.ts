import type { Stream } from "../../../modifiers.js";
import type { ToxicType } from "./toxic.js";
import type { ToxicTally } from "./toxic-tally.js";

/** A toxic as it was put on a proxy: one entry, and one stage for it on every live connection. */
export interface ToxicEntry {
  readonly name: string;
  readonly type: ToxicType;
  readonly direction: Stream;
  /** The stream as the client wrote it: its case is kept. */
  readonly stream: string;
  /** Share of connections that are hit; in single precision, and not held to 0..1. */
  toxicity: number;
  /** By the type's attribute names; changed in place by an update. */
  readonly settings: Record<string, number>;
  tally: ToxicTally;
}
