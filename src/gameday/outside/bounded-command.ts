import { spawn } from "node:child_process";
import { splitCommand } from "../../scenario/values/split-command.js";

export interface BoundedCommand {
  /** Program and arguments, as a shell would split them. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What it reads from stdin. */
  readonly input?: string;
  readonly timeoutMs: number;
  /** Limit for what it prints. The rest is read and forgotten. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface CommandEnd {
  /** Exit code 0. */
  readonly isOk: boolean;
  /** "exited with code 1" */
  readonly how: string;
  /** The end of what it printed on both streams, trimmed. */
  readonly output: string;
}

/** When its time is up, it may take this long to end by itself. */
const GRACE_MS = 1_000;
/** After its end, its last output may take this long. A child process of its own may keep the pipes open for ever. */
const LAST_OUTPUT_MS = 200;

/** Runs a program without a shell, with a limit of time and of output. Never rejects: "cannot run" is a result, too. */
export function runBoundedCommand(options: BoundedCommand): Promise<CommandEnd> {
  const { command, cwd, env, input, timeoutMs, mostBytes, signal } = options;
  const [program = "", ...args] = splitCommand(command);
  return new Promise((resolve) => {
    const printed = new LastBytes(mostBytes);
    // A group of its own. So what it has started ends with it, and a Ctrl-C of the terminal does not end it.
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: "pipe", detached: true });
    let why: string | null = null;
    let kill: NodeJS.Timeout | undefined;
    const end = (reason: string) => {
      why ??= reason;
      signalGroup(child.pid, "SIGTERM");
      kill ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
    };
    const stop = () => end("was stopped");
    const timer = setTimeout(() => end(`was ended after ${timeoutMs / 1000} s`), timeoutMs);
    const settle = (isOk: boolean, how: string) => {
      clearTimeout(timer);
      clearTimeout(kill);
      signal?.removeEventListener("abort", stop);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve({ isOk: isOk && why === null, how: why ?? how, output: printed.text() });
    };
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part: Buffer) => printed.add(part));
      stream.on("error", () => {});
    }
    // It need not read what it is told.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    child.once("error", (error: NodeJS.ErrnoException) =>
      settle(false, `cannot be started (${error.code ?? error.message})`),
    );
    child.once("exit", (code, by) => {
      if (why !== null) signalGroup(child.pid, "SIGKILL");
      const how = by === null ? `exited with code ${code}` : `was killed by ${by}`;
      const late = setTimeout(() => settle(code === 0, how), LAST_OUTPUT_MS);
      child.once("close", () => {
        clearTimeout(late);
        settle(code === 0, how);
      });
    });
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // None of them is left.
  }
}

/** The end of a stream. */
class LastBytes {
  readonly #most: number;
  #kept = Buffer.alloc(0);

  constructor(most: number) {
    this.#most = most;
  }

  add(part: Buffer): void {
    const all = Buffer.concat([this.#kept, part.subarray(-this.#most)]);
    this.#kept = all.subarray(-this.#most);
  }

  text(): string {
    return this.#kept.toString("utf8").trim();
  }
}
