/** How an API server is reached, and as whom. */

/** What is sent with each request, or shown in the handshake. Secrets. */
export interface Credentials {
  /** PEM. null: none. */
  readonly cert: string | null;
  readonly key: string | null;
  /** Values of headers: Authorization, Impersonate-User. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** Gives credentials when they are asked for. */
export interface CredentialSource {
  /** @param isRefused whether the server did not take those that it gave before. @throws ClusterProblem */
  get(isRefused: boolean): Promise<Credentials>;
  /** Ends what is under way for it. Whoever waits for it is refused. */
  end?(): Promise<void>;
}

export interface ClusterAccess {
  /** null: the service account of the pod. */
  readonly context: string | null;
  /** Absolute paths of the files that it was read from. null: the service account of the pod. */
  readonly files: readonly string[] | null;
  /** http:// or https://, perhaps with a path. */
  readonly server: URL;
  /** PEM of the authority. null: those that Node trusts. */
  readonly ca: string | null;
  /** The name that the certificate is for. null: the server's host. */
  readonly servername: string | null;
  readonly verify: boolean;
  readonly credentials: CredentialSource;
}

/** Credentials that never change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { get: async () => credentials };
}

export function bearer(token: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${token.trim()}` };
}
