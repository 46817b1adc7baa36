/**
 * What the command line lets a scenario do whose author is not trusted (--untrusted). Whatever else it asks for is
 * refused.
 */
export interface Grants {
  /** Variables of the environment that ${env.NAME} and services get. */
  readonly env: readonly string[];
  /** Services that may be started, without a shell. */
  readonly run: readonly string[];
  /** Services that may be started, also with `shell: true`. */
  readonly shell: readonly string[];
  /** Paths of unix sockets that may be loaded. */
  readonly sockets: readonly string[];
  /** Folders beside the scenario's own that may be read. */
  readonly folders: readonly string[];
}
