import type { Complaint } from "../../notation/complaint.js";
import type { WantedValue } from "./scalar-values.js";

/** A text with ${…} in the place of something else than text. */
export interface TypedSlot {
  /** From the request. */
  readonly path: Complaint["path"];
  readonly template: string;
  readonly wanted: WantedValue;
}
