import type { StreamPlan } from "../../requests/stream-plan.js";
import { wholeOrSize } from "../../support/secrets/said.js";
import { headerValue } from "../answers/answer-body.js";
import { EventCounter } from "./event-counter.js";
import { HeardStream } from "./heard-stream.js";

const LONGEST_SHOWN = 100;

/** What has come of a stream of server-sent events. */
export class HeardEvents extends HeardStream {
  readonly #counter = new EventCounter();

  /**
   * @param isGood the status is one of good answers. The answer to any other is judged by its status.
   * @param headers names and values in turn.
   */
  constructor(plan: StreamPlan, dueUs: number, nowUs: number, isGood: boolean, headers: readonly string[]) {
    const problem = isGood ? notReadable(headers) : null;
    super(plan, dueUs, nowUs, { what: "event", problem, isOver: !isGood || problem !== null });
  }

  read(piece: Buffer, nowUs: number): void {
    if (!this.isOver) this.came(this.#counter.read(piece), nowUs);
  }
}

function notReadable(headers: readonly string[]): string | null {
  const type = headerValue(headers, "content-type");
  if (!/^text\/event-stream\b/i.test(type ?? "")) {
    return `no event stream: ${type === null ? "no content-type" : `content-type ${wholeOrSize(type, LONGEST_SHOWN)}`}`;
  }
  const coding = headerValue(headers, "content-encoding");
  return coding === null || coding === "identity"
    ? null
    : `an event stream packed as ${wholeOrSize(coding, LONGEST_SHOWN)}`;
}
