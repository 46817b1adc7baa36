/** The exit codes that scripts rely on. */
export const EXIT = {
  ok: 0,
  sloBroken: 1,
  usage: 2,
  undecided: 3,
  environment: 4,
  rollbackFailed: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From harmless to worst. */
const BY_SEVERITY: readonly number[] = [
  EXIT.ok,
  EXIT.undecided,
  EXIT.sloBroken,
  EXIT.usage,
  EXIT.environment,
  EXIT.interrupted,
  EXIT.rollbackFailed,
];

/** The most severe of several exit codes. */
export function worstExit(codes: readonly number[]): number {
  const rank = (code: number) => BY_SEVERITY.indexOf(code);
  return codes.reduce((a, b) => (rank(b) > rank(a) ? b : a), EXIT.ok);
}

interface ErrorKind {
  readonly exitCode: ExitCode;
  /** What the user can do about it. Shown under the message. */
  readonly hint: string;
}

/** Every error a user can meet, in one place. docs/errors.md lists them, and a test keeps the two in step. */
export const ERRORS = {
  // command line
  USAGE: { exitCode: EXIT.usage, hint: "Run the command with --help to see its options and examples." },
  FILE_NOT_FOUND: {
    exitCode: EXIT.usage,
    hint: "Check the path; it is taken relative to the current folder.",
  },
  FILE_EXISTS: { exitCode: EXIT.usage, hint: "Choose another name, or pass --force to replace it." },
  FILE_UNREADABLE: {
    exitCode: EXIT.usage,
    hint: "Check that the file is readable and of the expected kind.",
  },
  // scenario
  SCENARIO_INVALID: {
    exitCode: EXIT.usage,
    hint: "docs/scenario.md lists every key with its unit and an example.",
  },
  HOST_NOT_ALLOWED: {
    exitCode: EXIT.usage,
    hint: "Only loopback hosts are used unless you name others: --allow-host HOST, or allowHosts: in the scenario.",
  },
  UNSUPPORTED_PROTOCOL: {
    exitCode: EXIT.usage,
    hint: "HTTP/1.1 and HTTP/2 are supported, over TCP, TLS or a unix socket.",
  },
  TARGET_NOT_SHARED: {
    exitCode: EXIT.usage,
    hint: "Workers reach a loopback address or a socket only from the machine that it is on. Let the service listen where they can reach it, and name that in load.target.",
  },
  // game day
  GAMEDAY_INVALID: {
    exitCode: EXIT.usage,
    hint: "docs/gamedays.md lists every key with an example; `faultline validate FILE` checks all of it.",
  },
  // records and reports
  RECORD_INVALID: {
    exitCode: EXIT.usage,
    hint: "Pass the file as faultline wrote it: `report` needs record.json, `compare` takes report.json too.",
  },
  RECORD_TOO_NEW: { exitCode: EXIT.usage, hint: "Update faultline to read this file." },
  SLO_INVALID: { exitCode: EXIT.usage, hint: "docs/slos.md describes the language of SLOs." },
  SLO_NOT_RECORDED: {
    exitCode: EXIT.usage,
    hint: "A latency limit is counted while the run goes on; add the SLO to the scenario and run it again.",
  },
  REQUIREMENTS_INVALID: {
    exitCode: EXIT.usage,
    hint: "docs/ledger.md describes the file that `faultline gate --require` reads.",
  },
  COMPARE_MISMATCH: { exitCode: EXIT.usage, hint: "Pass --force to compare them all the same." },
  // environment
  SERVICE_FAILED: {
    exitCode: EXIT.environment,
    hint: "Check the service's `run:`, `prepare:`, `env:` and `ready:` in the scenario; what it printed last is shown above, if anything.",
  },
  CHECK_FAILED: {
    exitCode: EXIT.environment,
    hint: "Check the `run:` and `cwd:` of the check in the scenario. Nothing was loaded or disturbed.",
  },
  SIGNAL_FAILED: {
    exitCode: EXIT.environment,
    hint: "Check the `run:` and `cwd:` of the signal in the scenario. Nothing was loaded or disturbed.",
  },
  PORT_IN_USE: {
    exitCode: EXIT.environment,
    hint: "Stop what listens there, or use another port.",
  },
  TOXIPROXY_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Is it running, and is the URL right? Without --toxiproxy the embedded server is used.",
  },
  TOXIPROXY_REFUSED: {
    exitCode: EXIT.environment,
    hint: "The text above is the Toxiproxy server's own answer.",
  },
  TOXIPROXY_UNAUTHORIZED: {
    exitCode: EXIT.environment,
    hint: "Put the server's token into TOXIPROXY_AUTH_TOKEN, or FAULTLINE_PROXY_TOKEN, in the environment of faultline.",
  },
  DOCKER_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Is the engine running, and may this user use its socket (on Linux the group docker)? DOCKER_HOST, or docker: { host: … } in the scenario, says where it is; `docker context inspect` shows where your client finds it.",
  },
  DOCKER_REFUSED: {
    exitCode: EXIT.environment,
    hint: "The text above is the engine's own answer. docs/docker.md lists the calls of its API that are needed.",
  },
  DOCKER_TARGET: {
    exitCode: EXIT.environment,
    hint: "Nothing was done to any container. docs/docker.md says how containers and services are named, and what is refused.",
  },
  GATEWAY_FAILED: {
    exitCode: EXIT.environment,
    hint: "Proxies with `protocol` lead through it. Leave `protocol` out where no request has to be seen.",
  },
  FAULT_NOT_PLACED: {
    exitCode: EXIT.environment,
    hint: "The fault was taken out, and nothing under it was measured. What each fault needs stands in docs/processes.md, docs/docker.md, docs/kubernetes.md and docs/meshes.md.",
  },
  ENVOY_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Is Envoy running, and does its admin interface listen there (admin: in envoy.yaml)?",
  },
  ENVOY_UNPREPARED: {
    exitCode: EXIT.environment,
    hint: "docs/meshes.md has an envoy.yaml with all that is needed.",
  },
  PROXY_CONFLICT: {
    exitCode: EXIT.environment,
    hint: "That server has a proxy of this name with another upstream; rename yours or remove the other.",
  },
  UPSTREAM_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Start the dependency first, or name it under services:.",
  },
  UPSTREAM_UNTRUSTED: {
    exitCode: EXIT.environment,
    hint: "Say at the proxy how its upstream is to be spoken to over TLS: tls: { ca: FILE }, and `cert` and `key` for mutual TLS.",
  },
  TARGET_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Is the service running at load.target (or load.socket), and is its name known on this machine?",
  },
  REFLECTION_FAILED: {
    exitCode: EXIT.environment,
    hint: "Name the .proto file of the service: grpc: { proto: FILE, method: … }. docs/grpc.md says what the target is asked for.",
  },
  LOAD_FAILED: {
    exitCode: EXIT.environment,
    hint: "The load generator stopped; nothing can be said about the system.",
  },
  NATS_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Is the NATS server running there, and is its certificate trusted? NATS_CA names a file with the authority that has signed it.",
  },
  NATS_UNAUTHORIZED: {
    exitCode: EXIT.environment,
    hint: "Set NATS_USER and NATS_PASSWORD, NATS_TOKEN or NATS_CREDS (a file) in the environment of faultline.",
  },
  KUBECONFIG_INVALID: {
    exitCode: EXIT.usage,
    hint: "Let KUBECONFIG name a kubeconfig that reaches your cluster: `kubectl config get-contexts` shows what it has.",
  },
  KUBERNETES_UNREACHABLE: {
    exitCode: EXIT.environment,
    hint: "Does `kubectl get --raw /version` answer with the same context? An authority that is not trusted is named by certificate-authority in the kubeconfig.",
  },
  KUBERNETES_UNAUTHORIZED: {
    exitCode: EXIT.environment,
    hint: "Log in to the cluster anew, or renew the token or certificate that the kubeconfig names.",
  },
  KUBERNETES_FORBIDDEN: {
    exitCode: EXIT.environment,
    hint: "`faultline rbac SCENARIO` prints the Role with all that the scenario needs, for whoever may grant it.",
  },
  KUBERNETES_MISSING: {
    exitCode: EXIT.environment,
    hint: "Check the names under `kubernetes:` in the scenario, and that what serves this kind of objects is installed.",
  },
  KUBERNETES_UNFIT: {
    exitCode: EXIT.environment,
    hint: "docs/kubernetes.md says what each fault needs of the cluster. What did not fit was not done.",
  },
  KUBERNETES_NOT_READY: {
    exitCode: EXIT.environment,
    hint: "Nothing was started. `kubectl describe` shows more of the object; `readyTimeout` says how long to wait.",
  },
  KUBERNETES_REFUSED: {
    exitCode: EXIT.environment,
    hint: "The text above is the API server's own answer, or that of a webhook, a quota or a policy. What it refused was not done.",
  },
  WORKERS_MISSING: {
    exitCode: EXIT.environment,
    hint: "Start one on each machine: faultline worker --nats URL. Give them more time with --workers-within, or expect fewer.",
  },
  RUN_CONFLICT: {
    exitCode: EXIT.environment,
    hint: "Wait for the other run to end, or stop it first; `faultline heal` undoes what a dead one has left.",
  },
  REPORT_UNWRITABLE: {
    exitCode: EXIT.environment,
    hint: "Check the folder's permissions and free space, or pass --out DIR.",
  },
  LIMIT_REACHED: {
    exitCode: EXIT.environment,
    hint: "faultline needs some 200 file descriptors, and two or three for each connection of the load: raise `ulimit -n`.",
  },
  OUTPUT_UNWRITABLE: {
    exitCode: EXIT.environment,
    hint: "Check the free space where stdout goes. The reports in the run's folder are not concerned.",
  },
  // safety
  STATE_UNUSABLE: {
    exitCode: EXIT.environment,
    hint: "Nothing is injected that could not be undone after a crash. Set FAULTLINE_STATE_DIR to a folder of your own.",
  },
  STOOD_STILL: {
    exitCode: EXIT.environment,
    hint: "What is measured around a standstill says nothing. Run it again, and let it run: Ctrl-Z, a paused container or a sleeping machine end it.",
  },
  ABORTED: {
    exitCode: EXIT.sloBroken,
    hint: "It ended before anything was measured, and everything was undone. Give it more time.",
  },
  HALTED: {
    exitCode: EXIT.environment,
    hint: "Ask whoever halted. `faultline halt --lift` lets runs begin again.",
  },
  NOTHING_RUNS: {
    exitCode: EXIT.environment,
    hint: "Start a run or a game day first, with the same FAULTLINE_STATE_DIR.",
  },
  INTERRUPTED: { exitCode: EXIT.interrupted, hint: "Everything was undone before leaving." },
  ROLLBACK_FAILED: {
    exitCode: EXIT.rollbackFailed,
    hint: "What is named above may still be in place: a fault, a process of a service or a check, or what `cleanup:` undoes. Run `faultline heal`: it tries again.",
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** An error the user can act on: shown as message and hint, never with a stack trace. */
export class FaultlineError extends Error {
  readonly code: ErrorCode;
  override readonly name = "FaultlineError";

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** null: the message says it all. */
  get hint(): string | null {
    return ERRORS[this.code].hint;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exitCode;
  }
}

/** Whether the system gave this as the reason: "ENOENT", "EADDRINUSE" and the like. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The text of anything that was thrown, for joining into a message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first line of an error's message. Further lines come from a file, or from what a service printed. */
export function headOf(error: unknown): string {
  return messageOf(error).split("\n", 1)[0] ?? "";
}
