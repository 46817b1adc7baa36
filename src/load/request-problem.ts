import type { Complaint } from "../notation/complaint.js";
import { pathText } from "../scenario/text/tree.js";
import { type ErrorCode, FaultlineError } from "../support/errors.js";

/** What the target has shown to be wrong with a request. Its path begins at the scenario. */
export type PlacedComplaint = Omit<Complaint, "code">;

/** Requests that the target cannot be sent, for what it says of itself. The scenario knows where they are written. */
export class RequestProblem extends FaultlineError {
  readonly complaints: readonly PlacedComplaint[];

  constructor(code: ErrorCode, complaints: readonly PlacedComplaint[]) {
    super(code, complaints.map(({ path, message }) => `${pathText(path)}: ${message}`).join("\n"));
    this.complaints = complaints;
  }

  /** The same without secrets. */
  masked(mask: (text: string) => string): RequestProblem {
    const masked = this.complaints.map((one) => ({
      ...one,
      message: mask(one.message),
      ...(one.help === undefined ? {} : { help: mask(one.help) }),
    }));
    return new RequestProblem(this.code, masked);
  }

  override get hint(): string | null {
    return this.complaints.find(({ help }) => help !== undefined)?.help ?? super.hint;
  }
}
