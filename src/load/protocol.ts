import type { LoadPlan, LoadTarget } from "../plan/load-plan.js";
import type { PlannedRequest } from "../requests/planned-request.js";
import type { Channel, ChannelOwner } from "./channel.js";
import type { CompiledRequest } from "./compiled-request.js";
import type { Values } from "./mix/values.js";
import type { MakeSessions } from "./sessions/user-sessions.js";
import type { Share } from "./share.js";

/** How requests cross the wire. A protocol is a folder, and its entry in protocols.ts. */
export interface Protocol {
  /** The value of load.protocol that chooses it. Not there: it is chosen by its schemes and kinds alone. */
  readonly name?: Exclude<LoadPlan["protocol"], "auto" | undefined>;
  /** Names of the kinds of requests that it sends. */
  readonly sends: readonly string[];
  /** Schemes of its targets, with their colon: "http:". */
  readonly schemes: readonly string[];
  /** Its wires send `traceparent` where the plan has `tracing`. Not there: such a plan is refused. */
  readonly carriesTraceIds?: true;
  /**
   * Asks the target for what the plan leaves to it, once before the run. Not there: plans leave nothing to it.
   * @throws RequestProblem: the target does not say it, or requests do not fit what it says.
   */
  complete?(plan: LoadPlan, options: CompleteOptions): Promise<LoadPlan>;
  /**
   * Checks what can be known before the first request. A target where nobody listens is an outcome, not an error.
   * @throws FaultlineError
   */
  check(plan: LoadPlan): Promise<void>;
  /** Looks for a reason why each request would fail at a target that takes connections. */
  mismatch?(target: LoadTarget): Promise<Mismatch | null>;
  /**
   * Loads what only load threads need of it, for that plan.
   * @param makeSessions of users whose other requests go over another wire. Not there: all of theirs go over this one.
   */
  load(plan: LoadPlan, makeSessions?: MakeSessions): Promise<OpenWire>;
}

export interface CompleteOptions {
  readonly signal: AbortSignal | null;
  /** Takes secrets out of what the target says. It must see all of a text that is cut afterwards. */
  readonly mask: (text: string) => string;
}

export interface Mismatch {
  /** Continues a sentence after the target's name: "speaks …". */
  readonly problem: string;
  readonly remedy: string;
}

/** Makes a thread's share of the channels, all of them closed. */
export type OpenWire = (plan: LoadPlan, share: Share, owner: ChannelOwner) => Wire;

export interface Wire {
  readonly channels: readonly Channel[];
  /** An open channel takes as many requests as it has room for before another is opened. */
  readonly fillsChannels?: boolean;
  /**
   * Compiles what one virtual user does: the steps of a journey, or a single request.
   * @throws FaultlineError SCENARIO_INVALID: it cannot be sent.
   */
  compile(steps: readonly PlannedRequest[], values: Values): readonly CompiledRequest[];
  /**
   * The load is over: ends open connections as the protocol has it. Resolves when the other side has done so too, or when
   * it has had its time for that. Not there: they end with their thread.
   */
  leave?(): Promise<void>;
}
