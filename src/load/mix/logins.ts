import { LIFETIME, type LoginPlan } from "../../plan/load-plan.js";
import { nowUs } from "../thread-clock.js";
import type { VirtualUser } from "./ticket.js";
import type { ValueScope } from "./values.js";

/** What a login has brought, for the users that come after it. */
interface LoggedIn {
  readonly scope: ValueScope;
  /** What it captured. Later steps of its user capture more, which is that user's own. */
  readonly captures: ReadonlyMap<string, string>;
  /** On the threads' common clock. Infinite: as long as the load lasts. */
  readonly endsUs: number;
  /** Somebody logs in anew, before it ends. Until then nobody else does. */
  renewedUntilUs: number;
}

/**
 * Lets users pass by the login, which is the first step of each, as long as one that was made before is good. Until the
 * first has been answered, each user logs in for itself.
 */
export class Logins {
  readonly #plan: LoginPlan;
  readonly #timeoutUs: number;
  /** By user. 0 where all share one. */
  readonly #known = new Map<number, LoggedIn>();
  /** Which login a user has. */
  readonly #ofScopes = new WeakMap<ValueScope, LoggedIn>();

  /** `timeoutMs`: of a login that is on its way. */
  constructor(plan: LoginPlan, timeoutMs: number) {
    this.#plan = plan;
    this.#timeoutUs = timeoutMs * 1000;
  }

  /**
   * A user begins.
   * @returns it as it is, or behind its login with what another one has brought.
   */
  enter(user: VirtualUser): VirtualUser {
    const known = this.#known.get(this.#keyOf(user));
    const now = nowUs();
    if (known === undefined || known.endsUs <= now) return user;
    if (known.renewedUntilUs <= now && known.endsUs - this.#plan.refreshBeforeMs * 1000 <= now) {
      known.renewedUntilUs = now + this.#timeoutUs;
      return user;
    }
    return this.#passBy(user, known);
  }

  /** The login of this user was answered, and is good. */
  succeeded(user: VirtualUser): void {
    const { lifetimeMs } = this.#plan;
    const { scope } = user;
    const seconds = scope.captures.get(LIFETIME);
    const ms = seconds === undefined ? (lifetimeMs ?? Number.POSITIVE_INFINITY) : Number(seconds) * 1000;
    const made = {
      scope,
      captures: new Map(scope.captures),
      // What is no time is over at once.
      endsUs: nowUs() + (ms > 0 ? ms * 1000 : 0),
      renewedUntilUs: 0,
    };
    this.#known.set(this.#keyOf(user), made);
    this.#ofScopes.set(scope, made);
  }

  /**
   * It failed.
   * @returns true when the login before it is still good: the user goes on with that one, and the next one tries again.
   */
  failed(user: VirtualUser): boolean {
    const known = this.#known.get(this.#keyOf(user));
    if (known === undefined) return false;
    known.renewedUntilUs = 0;
    if (known.endsUs <= nowUs()) return false;
    this.#passBy(user, known);
    return true;
  }

  /** An answer said that the user is not logged in (any more). Who comes next logs in. */
  refused(user: VirtualUser): void {
    const key = this.#keyOf(user);
    const known = this.#known.get(key);
    if (known !== undefined && this.#ofScopes.get(user.scope) === known) this.#known.delete(key);
  }

  #passBy(user: VirtualUser, known: LoggedIn): VirtualUser {
    for (const [name, value] of known.captures) user.scope.captures.set(name, value);
    user.scope.origin = known.scope;
    this.#ofScopes.set(user.scope, known);
    return { ...user, step: 1 };
  }

  #keyOf({ place }: VirtualUser): number {
    return this.#plan.once === "run" ? 0 : place;
  }
}
