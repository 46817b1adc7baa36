import type { LoadPlan, SessionPlan } from "../../plan/load-plan.js";
import type { ValueScope } from "../mix/values.js";
import { UserJars } from "./user-jars.js";
import { UserSession } from "./user-session.js";

/** The sessions of a thread's virtual users. */
export class UserSessions<Sent> {
  readonly #plan: SessionPlan;
  readonly #target: string;
  readonly #jars: UserJars | null;
  /** A user that goes on with another login has another jar, and with it another session. */
  readonly #ofScopes = new WeakMap<
    ValueScope,
    { readonly session: UserSession<Sent>; readonly origin: ValueScope | null }
  >();

  /** `jars` null: cookies are not kept. */
  constructor(plan: SessionPlan, target: string, jars: UserJars | null) {
    this.#plan = plan;
    this.#target = target;
    this.#jars = jars;
  }

  of(scope: ValueScope): UserSession<Sent> {
    const known = this.#ofScopes.get(scope);
    const { origin } = scope;
    if (known?.origin === origin) return known.session;
    const session = new UserSession<Sent>(this.#plan, this.#target, this.#jars?.of(scope) ?? null);
    this.#ofScopes.set(scope, { session, origin });
    return session;
  }
}

/** For requests that only go out again as they were, with the answer to a challenge. */
export function sessionsOfNothing<Sent>(target: string): UserSessions<Sent> {
  return new UserSessions<Sent>({ cookies: false, follow: 0 }, target, null);
}

/**
 * Makes the sessions of a thread. null: its users remember nothing.
 * @param target the URL that paths belong to. Not there: the plan's own.
 */
export type MakeSessions = <Sent>(plan: LoadPlan, target?: string) => UserSessions<Sent> | null;

/** Loads what sessions need, if the plan has any. All that it makes share the cookies of each user. */
export async function loadSessions({ session }: LoadPlan): Promise<MakeSessions> {
  if (session === undefined) return () => null;
  const cookies = session.cookies ? await import("./user-cookies.js") : null;
  const jars = cookies && new UserJars(() => new cookies.UserCookies());
  return <Sent>(plan: LoadPlan, target = plan.target.url) => new UserSessions<Sent>(session, target, jars);
}
