import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sleep } from "../support/clock.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { SERVICE_MARKER } from "./process-table.js";
import { WATCHDOG_DONE, WATCHDOG_READY } from "./watchdog-protocol.js";

const MAIN = fileURLToPath(new URL("./watchdog-main.js", import.meta.url));
/** A cold start on a loaded machine; usually it takes some 100 ms. */
const START_MS = 15_000;
const END_MS = 1_000;

/**
 * A second process, in a session of its own, that holds one end of a pipe whose other end only this process has. The
 * kernel closes that end however this process ends, and the watchdog undoes what the journal lists.
 */
export class Watchdog {
  /** Resolves when it could act; rejects with STATE_UNUSABLE when it cannot be started. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #dismissed = false;

  /** `onLost`: the watchdog itself died, so a SIGKILL of this process would now leave things behind. */
  constructor(stateFolder: string, journalPath: string, onLost: (reason: string) => void) {
    this.#child = spawn(process.execPath, ["--max-semi-space-size=1", MAIN, stateFolder, journalPath], {
      detached: true,
      // Not the folder of the run: it may be on a disk that somebody wants to take away.
      cwd: "/",
      // NODE_OPTIONS could load anything into it; with a service's marker it would be taken for one.
      env: { ...process.env, NODE_OPTIONS: "", [SERVICE_MARKER]: "" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#child.stdin?.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", resolve);
      this.#child.once("exit", resolve);
    });
    this.ready = this.#awaitReady();
    // Whoever needs it awaits it; until then a rejection is not an unhandled one.
    this.ready.catch(() => {});
    void this.#ended.then((how) => {
      if (!this.#dismissed)
        onLost(`the watchdog process ended (${how instanceof Error ? messageOf(how) : how})`);
    });
    // It must not keep this process alive.
    this.#child.unref();
  }

  /** The run was undone: the watchdog ends and does nothing. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    this.#child.ref();
    this.#child.stdin?.end(WATCHDOG_DONE);
    const late = new AbortController();
    await Promise.race([this.#ended, sleep(END_MS, late.signal).catch(() => {})]);
    late.abort();
    this.#child.unref();
  }

  /** This process gives up on what is left of the run: the watchdog tries at once. */
  handOver(): void {
    this.#dismissed = true;
    this.#child.stdin?.end();
  }

  async #awaitReady(): Promise<void> {
    const { stdout } = this.#child;
    if (!stdout) throw new Error("the watchdog has no output");
    const late = new AbortController();
    const outcome = await Promise.race([
      once(stdout, "data").then(([chunk]) => String(chunk)),
      this.#ended.then((how) => how),
      sleep(START_MS, late.signal).then(
        () => `no answer within ${START_MS / 1000} s`,
        () => null,
      ),
    ]);
    late.abort();
    stdout.destroy();
    if (outcome !== WATCHDOG_READY) {
      throw new FaultlineError("STATE_UNUSABLE", `the watchdog process could not be started (${outcome})`);
    }
  }
}
