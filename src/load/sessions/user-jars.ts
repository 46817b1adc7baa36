import type { ValueScope } from "../mix/values.js";
import type { UserCookies } from "./user-cookies.js";

/** The cookies of one virtual user, whatever its requests go over. */
export class UserJar {
  readonly cookies: UserCookies;
  #ofLogin: UserCookies | null = null;

  constructor(cookies: UserCookies) {
    this.cookies = cookies;
  }

  /** The user has logged in. Others may begin with the cookies that it has now. */
  loggedIn(): void {
    this.#ofLogin = this.cookies.copy();
  }

  /** For a user who shares this one's login. null: it has none. */
  copyOfLogin(): UserCookies | null {
    return this.#ofLogin?.copy() ?? null;
  }
}

/** The jars of a thread's virtual users. */
export class UserJars {
  readonly #newCookies: () => UserCookies;
  /**
   * A user's scope lasts as long as the user does. `origin`: whose login it had when its jar was made. A user whose own
   * login has failed goes on with that of another.
   */
  readonly #ofScopes = new WeakMap<
    ValueScope,
    { readonly jar: UserJar; readonly origin: ValueScope | null }
  >();

  constructor(newCookies: () => UserCookies) {
    this.#newCookies = newCookies;
  }

  of(scope: ValueScope): UserJar {
    const known = this.#ofScopes.get(scope);
    const { origin } = scope;
    if (known?.origin === origin) return known.jar;
    const shared = origin && this.of(origin).copyOfLogin();
    const jar = new UserJar(shared ?? this.#newCookies());
    this.#ofScopes.set(scope, { jar, origin });
    return jar;
  }
}
