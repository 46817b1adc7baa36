import type { LoadPlan, LoadTarget, PlannedRequest } from "../plan/load-plan.js";
import type { Channel, ChannelOwner } from "./channel.js";
import type { CompiledRequest } from "./compiled-request.js";
import type { Values } from "./mix/values.js";
import type { Share } from "./share.js";

/** How requests cross the wire: a folder each, and a line in protocols.ts. */
export interface Protocol {
  /** Schemes of the targets that it is for, with their colon: "http:". */
  readonly schemes: readonly string[];
  /**
   * Looks at what can be known before the first request. That nobody listens at the target is an outcome, not an error.
   * @throws FaultlineError
   */
  check(plan: LoadPlan): Promise<void>;
  /** Looks for what makes each request fail at a target that takes connections. */
  mismatch?(target: LoadTarget): Promise<Mismatch | null>;
  /** Loads what only load threads need of it. */
  load(): Promise<OpenWire>;
}

export interface Mismatch {
  /** Goes on after the target's name: "speaks …". */
  readonly problem: string;
  readonly remedy: string;
}

/** Makes a thread's share of the channels, all of them closed. */
export type OpenWire = (plan: LoadPlan, share: Share, owner: ChannelOwner) => Wire;

export interface Wire {
  readonly channels: readonly Channel[];
  /**
   * Compiles what one virtual user does: the steps of a journey, or a single request.
   * @throws FaultlineError SCENARIO_INVALID: it cannot be sent
   */
  compile(steps: readonly PlannedRequest[], values: Values): readonly CompiledRequest[];
}
