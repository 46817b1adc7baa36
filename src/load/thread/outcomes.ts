import { OUTCOME } from "../../measure/outcome.js";
import type { Answer } from "../compiled-request.js";
import { beginningOf } from "../counting/body-sample.js";
import { countStepEnd, mayAskAgain } from "../counting/journey-times.js";
import type { LiveCounters } from "../counting/live-counters.js";
import { fateOf, type IdWriter } from "../ids/id-writer.js";
import type { Logins } from "../mix/logins.js";
import type { Ticket } from "../mix/ticket.js";
import type { Ending } from "../schedule/model-driver.js";
import type { RequestTraces } from "../tracing/request-traces.js";

const FAILURES = {
  refused: { outcome: OUTCOME.refused, ending: "refused", fate: "refused" },
  reset: { outcome: OUTCOME.reset, ending: "bad", fate: "unknown" },
  malformed: { outcome: OUTCOME.httpError, ending: "bad", fate: "unknown" },
} as const;

/** A failure of the system. One of the generator is no outcome of a request that was sent. */
export type SystemFailure = keyof typeof FAILURES;

/**
 * Writes down the one outcome of each request for all who count it: its segment, the screen, and, where they are there,
 * ids, traces, logins and journeys. Each method says how its model is to take it. Times in µs on the threads' common clock.
 */
export class Outcomes {
  readonly #live: LiveCounters;
  readonly #ids: IdWriter | null;
  readonly #traces: RequestTraces | null;
  readonly #logins: Logins | null;

  constructor(live: LiveCounters, ids: IdWriter | null, traces: RequestTraces | null, logins: Logins | null) {
    this.#live = live;
    this.#ids = ids;
    this.#traces = traces;
    this.#logins = logins;
  }

  /** A good answer. `isAgain`: it is not yet what its user waits for, which asks the same again. */
  ok(ticket: Ticket, status: number, nowUs: number, isDegraded: boolean, isAgain: boolean): Ending {
    const { name, segment, user } = ticket;
    const latencyUs = nowUs - ticket.dueUs;
    segment.ok(ticket.second, name, latencyUs, ticket.lagUs);
    if (isDegraded) segment.degraded(ticket.second, name, latencyUs);
    this.#live.ok(name, latencyUs, ticket.lagUs);
    this.#traces?.ok(ticket, status, nowUs);
    if (isAgain) {
      user.clock?.askedAgain(ticket.lagUs);
      return "again";
    }
    this.#ids?.note(ticket, "acknowledged", nowUs);
    if (this.#logins !== null && ticket.isLogin) this.#logins.succeeded(user);
    if (user.clock !== null) countStepEnd(ticket, OUTCOME.ok, nowUs, null);
    return "good";
  }

  /** A whole answer in time that is not as it should be. */
  bad(ticket: Ticket, answer: Answer, reason: string, nowUs: number): Ending {
    const { name, segment } = ticket;
    // The answer to a login may have a secret in it, even when it is not the expected one.
    if (!ticket.isLogin && segment.lacksSample(reason)) {
      segment.sample({ name, reason, status: answer.status, body: beginningOf(answer.body) });
    }
    this.#ids?.note(ticket, fateOf(answer.status), nowUs);
    this.#traces?.failed(ticket, OUTCOME.httpError, reason, answer.status, nowUs);
    if (ticket.request.isUnauthorized?.(answer)) this.#logins?.refused(ticket.user);
    return this.#failed(ticket, OUTCOME.httpError, reason, "bad", nowUs);
  }

  /** No whole answer has come in time. `hasLeft`: the request went out. */
  late(ticket: Ticket, reason: string, hasLeft: boolean, nowUs: number): Ending {
    this.#ids?.note(ticket, hasLeft ? "unknown" : "refused", nowUs);
    if (hasLeft) this.#traces?.failed(ticket, OUTCOME.timeout, reason, null, ticket.deadlineUs);
    // A timeout takes as long as it is set to, however late it is noticed.
    return this.#failed(ticket, OUTCOME.timeout, reason, "bad", ticket.deadlineUs);
  }

  /** The connection has failed, or what came on it is no answer. */
  broken(ticket: Ticket, kind: SystemFailure, reason: string, nowUs: number): Ending {
    const { outcome, ending, fate } = FAILURES[kind];
    this.#ids?.note(ticket, ticket.isFollowing ? "unknown" : fate, nowUs);
    // What was refused got nowhere.
    if (outcome !== OUTCOME.refused || ticket.isFollowing)
      this.#traces?.failed(ticket, outcome, reason, null, nowUs);
    return this.#failed(ticket, outcome, reason, ending, nowUs);
  }

  /** It was never sent. `byGenerator`: not for the system's sake. */
  unsent(ticket: Ticket, byGenerator: boolean, reason: string): void {
    const { name, segment } = ticket;
    segment.unsent(ticket.second, name, byGenerator);
    segment.reason(name, `unsent: ${reason}`);
    this.#live.unsent(name, byGenerator);
    if (ticket.user.clock !== null)
      countStepEnd(ticket, OUTCOME.unsent, ticket.dueUs + ticket.lagUs, `unsent: ${reason}`, byGenerator);
  }

  #failed(ticket: Ticket, outcome: number, reason: string, ending: Ending, failedUs: number): Ending {
    const { name, segment, user } = ticket;
    segment.failed(ticket.second, name, outcome, failedUs - ticket.dueUs, ticket.lagUs);
    segment.reason(name, reason);
    this.#live.failed(name, outcome);
    // A login that cannot be renewed is good until its end.
    if (this.#logins !== null && ticket.isLogin && this.#logins.failed(user)) {
      user.clock?.askedAgain(ticket.lagUs);
      return "good";
    }
    if (mayAskAgain(ticket, failedUs)) {
      user.clock?.askedAgain(ticket.lagUs);
      return "again";
    }
    if (user.clock !== null) countStepEnd(ticket, outcome, failedUs, reason);
    return ending;
  }
}
