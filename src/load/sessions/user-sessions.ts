import type { LoadPlan, SessionPlan } from "../../plan/load-plan.js";
import type { ValueScope } from "../mix/values.js";
import type { UserCookies } from "./user-cookies.js";
import { UserSession } from "./user-session.js";

/** The sessions of a thread's virtual users. */
export class UserSessions<Sent> {
  readonly #plan: SessionPlan;
  readonly #target: string;
  readonly #newCookies: (() => UserCookies) | null;
  /**
   * A user's scope lasts as long as the user does. `origin`: whose login it had when its session was made. A user whose own
   * login has failed goes on with that of another.
   */
  readonly #ofScopes = new WeakMap<
    ValueScope,
    { readonly session: UserSession<Sent>; readonly origin: ValueScope | null }
  >();

  constructor(plan: SessionPlan, target: string, newCookies: (() => UserCookies) | null) {
    this.#plan = plan;
    this.#target = target;
    this.#newCookies = newCookies;
  }

  of(scope: ValueScope): UserSession<Sent> {
    const known = this.#ofScopes.get(scope);
    const { origin } = scope;
    if (known?.origin === origin) return known.session;
    const shared = origin && this.of(origin).copyCookies();
    const cookies = shared ?? this.#newCookies?.() ?? null;
    const session = new UserSession<Sent>(this.#plan, this.#target, cookies);
    this.#ofScopes.set(scope, { session, origin });
    return session;
  }
}

/** Makes the sessions of a thread. null: its users remember nothing. */
export type MakeSessions = <Sent>(plan: LoadPlan) => UserSessions<Sent> | null;

/** Loads what sessions need, if the plan has any. */
export async function loadSessions({ session }: LoadPlan): Promise<MakeSessions> {
  if (session === undefined) return () => null;
  const cookies = session.cookies ? await import("./user-cookies.js") : null;
  const newCookies = cookies && (() => new cookies.UserCookies());
  return <Sent>({ target }: LoadPlan) => new UserSessions<Sent>(session, target.url, newCookies);
}
