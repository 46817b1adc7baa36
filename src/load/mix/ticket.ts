import type { SegmentRecorder } from "../../measure/segment-recorder.js";
import type { SecondRecorder } from "../../measure/segments/second-recorder.js";
import type { CompiledRequest } from "../compiled-request.js";
import type { HeardStream } from "../events/heard-stream.js";
import type { Sequence } from "./compiled-mix.js";
import type { JourneyClock } from "./journey-clock.js";
import type { ValueScope } from "./values.js";

/** Where a virtual user is in its sequence. A plain request is a sequence of one step. */
export interface VirtualUser<Request extends CompiledRequest = CompiledRequest> {
  readonly sequence: Sequence<Request>;
  readonly step: number;
  readonly scope: ValueScope;
  /** null: nothing is timed but its requests. */
  readonly clock: JourneyClock | null;
  /** The number of the channel whose user it is. 0 where users come and go. */
  readonly place: number;
}

/** One scheduled request, from when it is due to its one outcome. Times in µs on the threads' common clock. */
export class Ticket<Request extends CompiledRequest = CompiledRequest> {
  readonly dueUs: number;
  readonly #timeoutUs: number;
  /** The number of its name in the mix. */
  readonly name: number;
  readonly request: Request;
  readonly user: VirtualUser<Request>;
  /** Where its outcome is counted. */
  readonly segment: SegmentRecorder;
  readonly second: SecondRecorder;
  /** How late it was sent while a connection was free, plus how long its answer may have lain unread. */
  lagUs = 0;
  /** The number that its trace id is made of. −1: it carries none. */
  trace = -1;
  /** What has come of its stream. null: nothing yet, or it is none. */
  heard: HeardStream | null = null;
  /** An answer led elsewhere. Whatever becomes of it there, the request has arrived once. */
  isFollowing = false;

  constructor(dueUs: number, timeoutUs: number, user: VirtualUser<Request>, segment: SegmentRecorder) {
    const step = user.sequence.steps[user.step]!;
    this.dueUs = dueUs;
    this.#timeoutUs = step.timeoutUs ?? timeoutUs;
    this.name = step.name;
    this.request = step.request;
    this.user = user;
    this.segment = segment;
    this.second = segment.schedule(dueUs, step.name);
  }

  /**
   * Without a whole answer by then it is a timeout, or unsent. The generator's own lateness is not taken from the
   * system's time.
   */
  get deadlineUs(): number {
    return this.dueUs + this.#timeoutUs + this.lagUs;
  }

  /** It logs its user in. */
  get isLogin(): boolean {
    return this.user.step === 0 && this.user.sequence.logsIn;
  }

  /** Time before its user's next step. */
  get thinkTimeUs(): number {
    return this.user.sequence.steps[this.user.step]!.thinkTimeUs;
  }

  /** Its step is asked again until its answer holds. */
  get asksAgain(): boolean {
    return this.user.sequence.steps[this.user.step]!.asksAgain !== null;
  }

  /** Time before its user asks the same again. */
  get everyUs(): number {
    return this.user.sequence.steps[this.user.step]!.asksAgain?.everyUs ?? 0;
  }
}
