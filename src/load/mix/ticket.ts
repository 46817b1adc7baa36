import type { SecondRecorder, SegmentRecorder } from "../../measure/segment-recorder.js";
import type { CompiledRequest, Sequence } from "./compiled-mix.js";
import type { ValueScope } from "./values.js";

/** Where a virtual user stands: a plain request is a sequence of one step. */
export interface Visit {
  readonly sequence: Sequence;
  readonly step: number;
  readonly scope: ValueScope;
}

/** One scheduled request, from when it is due to its one outcome. Times in µs on the threads' common clock. */
export class Ticket {
  readonly dueUs: number;
  readonly #timeoutUs: number;
  readonly request: CompiledRequest;
  readonly visit: Visit;
  /** Where its outcome is counted. */
  readonly segment: SegmentRecorder;
  readonly second: SecondRecorder;
  /** How late it was dispatched while a connection was free, and how long its answer may have lain unread. */
  lagUs = 0;

  constructor(dueUs: number, timeoutUs: number, visit: Visit, segment: SegmentRecorder) {
    const request = visit.sequence.steps[visit.step]!;
    this.dueUs = dueUs;
    this.#timeoutUs = timeoutUs;
    this.request = request;
    this.visit = visit;
    this.segment = segment;
    this.second = segment.schedule(dueUs, request.name);
  }

  /**
   * Without a whole answer by then it is a timeout, or unsent. What the generator itself was late is not taken from the
   * time that the system has.
   */
  get deadlineUs(): number {
    return this.dueUs + this.#timeoutUs + this.lagUs;
  }

  bytes(): Buffer {
    return this.request.bytes.constant ?? this.request.bytes.render(this.visit.scope);
  }
}
