/**
 * What the command line lets a scenario do whose author is not trusted (--untrusted). Everything else that it asks for
 * is refused.
 */
export interface Grants {
  /** Environment variables that ${env.NAME} and services get. */
  readonly env: readonly string[];
  /** Services and checks whose commands may be started, without a shell. */
  readonly run: readonly string[];
  /** The same, also with `shell: true`. */
  readonly shell: readonly string[];
  /** Paths of unix sockets that may be loaded. */
  readonly sockets: readonly string[];
  /** What faults may act on: services of compose files (with a project: "project/service"), "container:NAME", "swarm:NAME". */
  readonly docker: readonly string[];
  /** What of a cluster faults may act on: names of namespaces, and nodes as "node/NAME". */
  readonly kubernetes?: readonly string[];
  /** Folders that may be read, beside the scenario's own. */
  readonly folders: readonly string[];
}
