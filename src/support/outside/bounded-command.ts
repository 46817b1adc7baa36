import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export interface BoundedCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What it reads from stdin. */
  readonly input?: string;
  readonly timeoutMs: number;
  /** Limit for what is kept of what it prints: the end of both streams. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets what it prints on stdout, piece by piece. false: that is too much, and the program is ended. */
  readonly onStdout?: (part: Buffer) => boolean;
  /**
   * Nothing that it has started goes on after its own end, and all that was printed is read. Without it, the last output
   * is not waited for.
   */
  readonly leavesNothing?: boolean;
  /** Called around its start. */
  readonly starting?: <T>(start: () => T) => T;
}

/** Why it did not end by itself, or never began. */
export type CutShort = "late" | "stopped" | "too_much" | "not_started";

export interface CommandEnd {
  /** Exit code 0. */
  readonly isOk: boolean;
  /** null: it did not end by itself, or by a signal. */
  readonly exitCode: number | null;
  /** null: it ended by itself. */
  readonly cutShort: CutShort | null;
  /** What the system said. null: the program was started. */
  readonly startError: Error | null;
  /** "exited with code 1" */
  readonly how: string;
  /** The end of what it printed on both streams, trimmed. */
  readonly output: string;
}

/** When its time is up, it may take this long to end by itself. */
const GRACE_MS = 1_000;
/** After its end, its last output may take this long. A child process of its own may keep the pipes open for ever. */
const LAST_OUTPUT_MS = 200;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Runs a program without a shell, with a limit of time and of output. Never rejects: "cannot run" is a result, too. */
export function runBoundedCommand(options: BoundedCommand): Promise<CommandEnd> {
  const { input, timeoutMs, mostBytes, signal, onStdout, leavesNothing = false } = options;
  let child: Child;
  try {
    child = start(options);
  } catch (error) {
    return Promise.resolve(notStarted(error instanceof Error ? error : new Error(String(error))));
  }
  return new Promise((resolve) => {
    const printed = new LastBytes(mostBytes);
    let why: { readonly cutShort: CutShort; readonly how: string } | null = null;
    let kill: NodeJS.Timeout | undefined;
    /** Its own end. null: not yet. */
    let finish: (() => void) | null = null;
    const end = (cutShort: CutShort, how: string) => {
      why ??= { cutShort, how };
      if (finish !== null) return finish();
      signalGroup(child.pid, "SIGTERM");
      kill ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
    };
    const stop = () => end("stopped", "was stopped");
    const timer = setTimeout(() => end("late", `was ended after ${timeoutMs / 1000} s`), timeoutMs);
    const settle = (result: CommandEnd) => {
      clearTimeout(timer);
      clearTimeout(kill);
      signal?.removeEventListener("abort", stop);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve(result);
    };
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part: Buffer) => printed.add(part));
      stream.on("error", () => {});
    }
    if (onStdout) {
      child.stdout.on("data", (part: Buffer) => {
        if (why === null && !onStdout(part)) end("too_much", "printed too much");
      });
    }
    // It need not read what it is told.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    child.once("error", (error) => settle(notStarted(error)));
    child.once("exit", (code, by) => {
      if (why !== null || leavesNothing) signalGroup(child.pid, "SIGKILL");
      const done = () =>
        settle({
          isOk: code === 0 && why === null,
          exitCode: why === null ? code : null,
          cutShort: why?.cutShort ?? null,
          startError: null,
          how: why?.how ?? (by === null ? `exited with code ${code}` : `was killed by ${by}`),
          output: printed.text(),
        });
      finish = done;
      const late = leavesNothing && why === null ? undefined : setTimeout(done, LAST_OUTPUT_MS);
      child.once("close", () => {
        clearTimeout(late);
        done();
      });
    });
  });
}

function start({ command, cwd, env, starting = (begin) => begin() }: BoundedCommand): Child {
  const [program = "", ...args] = command;
  // A group of its own. So what it has started ends with it, and a Ctrl-C of the terminal does not end it.
  return starting(() => spawn(program, args, { cwd, env: { ...env }, stdio: "pipe", detached: true }));
}

function notStarted(error: NodeJS.ErrnoException): CommandEnd {
  const how = `cannot be started (${error.code ?? error.message})`;
  return { isOk: false, exitCode: null, cutShort: "not_started", startError: error, how, output: "" };
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
