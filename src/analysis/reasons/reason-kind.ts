/** One kind of reason: which facts it has, and the sentence that is made of them. */

import type { Json } from "../../faults/fault-action.js";

/** Plain data, with units in the names. */
export interface ReasonFacts {
  readonly [fact: string]: Json;
}

/** Of a reason that its id says as a whole. */
export type NoFacts = { readonly [fact: string]: never };

export interface ReasonKind<Facts extends ReasonFacts> {
  /** An example, for the reference and for tests. */
  readonly sample: Facts;
  /** Without the full stop that `end` is. */
  text(facts: Facts): string;
  /**
   * What it is joined by to what stands before it. A comma or a semicolon takes the place of the full stop there.
   */
  readonly joint: " " | ", but " | "; ";
  /** "": the text goes on with the next reason, or has a mark of its own. */
  readonly end: "." | "";
}

/** A whole sentence. */
export function says<Facts extends ReasonFacts>(
  sample: Facts,
  text: (facts: Facts) => string,
): ReasonKind<Facts> {
  return { sample, text, joint: " ", end: "." };
}

/** The beginning of a sentence that the next reason ends ("In "slow cache":"), or sentences with marks of their own. */
export function saysAsIs<Facts extends ReasonFacts>(
  sample: Facts,
  text: (facts: Facts) => string,
): ReasonKind<Facts> {
  return { sample, text, joint: " ", end: "" };
}

/** A clause that goes on with the sentence before it. */
export function goesOn<Facts extends ReasonFacts>(
  joint: ", but " | "; ",
  sample: Facts,
  text: (facts: Facts) => string,
): ReasonKind<Facts> {
  return { sample, text, joint, end: "." };
}
