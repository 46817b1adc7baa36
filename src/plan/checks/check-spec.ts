import type { ObjectReference } from "../../kubernetes/references/object-reference.js";
import type { Conditions, Expectation, PlainValue } from "../../requests/answers/expectation.js";
import type { AskedCommand } from "../../support/outside/ask-command.js";
import type { ClientTls } from "../../support/outside/bounded-request.js";

/** When a check is asked: as each phase of a kind ends, or once after the load. */
export type CheckTime = "baseline" | "fault" | "recovery" | "end";

/**
 * Something that must be true of the system itself. Texts of commands, environment and URLs may still hold placeholders
 * (see RunPlan).
 */
export interface CheckSpec {
  readonly name: string;
  readonly ask: CommandAsk | HttpAsk | ObjectAsk;
  readonly when: readonly CheckTime[];
  /**
   * How often it is asked during those phases as well. A set of ids is read so often from the begin of the load to its end.
   * null: it is not.
   */
  readonly everyMs: number | null;
  /** How long one answer may take. */
  readonly timeoutMs: number;
  /** At the end it is asked again for so long, until it holds. */
  readonly withinMs: number;
  /** null: its answer is a set of ids. */
  readonly expect: CheckExpectation | null;
  /** null: its answer is no set of ids. */
  readonly ids: IdSetSpec | null;
}

/** A set of ids that is held against those that the load has sent. */
export interface IdSetSpec {
  /** Requests of this name. */
  readonly request: string;
  /** A template: "${uuid}", "order-${seq}" or "${capture.orderId}". */
  readonly id: string;
  /** How many there may be. null: any number. */
  readonly most: {
    readonly lost: number | null;
    readonly duplicated: number | null;
    readonly unexpected: number | null;
  };
  /** JSON path of the list in the answer. null: the answer is the list, or has one id in each line. */
  readonly list: string | null;
  /** JSON path of the id in each item. null: the item is the id. */
  readonly each: string | null;
}

export interface CommandAsk extends AskedCommand {
  readonly kind: "command";
}

export interface HttpAsk {
  readonly kind: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** null: Node's defaults. */
  readonly tls: ClientTls | null;
}

/** An object of a cluster. Its JSON is the answer. */
export interface ObjectAsk {
  readonly kind: "kubernetes";
  readonly object: ObjectReference;
}

/** What an answer must be. All that is given must hold. */
export interface CheckExpectation {
  /** null: another exit code than 0 means that it could not be asked. */
  readonly exit: number | null;
  /** null: another status than 2xx means that it could not be asked. */
  readonly status: Expectation["status"] | null;
  /** The whole answer is one number, and this holds for it. */
  readonly number: Conditions | null;
  readonly text: string | Conditions | null;
  /** JSON path → the value it must have, or conditions. */
  readonly json: Readonly<Record<string, PlainValue | Conditions>>;
}
