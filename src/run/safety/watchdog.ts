import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { withDeadline } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { SERVICE_MARKER } from "../../support/processes/process-table.js";
import { packageOptions } from "./package-options.js";
import {
  WATCHDOG_BEAT,
  WATCHDOG_DONE,
  WATCHDOG_LAPSED,
  WATCHDOG_LIFTED,
  WATCHDOG_READY,
} from "./watchdog-protocol.js";

const MAIN = fileURLToPath(new URL("./watchdog-main.js", import.meta.url));
/** For a cold start on a loaded machine. Usually it takes about 100 ms. */
const START_MS = 15_000;
const END_MS = 1_000;
/** It may take this long to finish its work on the faults. A server that hangs must not hold the run up. */
const LIFT_MS = 5_000;

/** What it watches over. */
export interface WatchdogCharge {
  readonly stateFolder: string;
  readonly journalPath: string;
  /** Drivers of faults that may write to the journal. It loads their undo code before it says that it is ready. */
  readonly drivers: readonly string[];
}

export interface WatchdogEvents {
  /** The watchdog itself died, so a SIGKILL of this process would now leave things behind. */
  readonly onLost: (reason: string) => void;
  /** The watchdog had no sign of life for too long, and has begun to take the faults out. */
  readonly onLapse: () => void;
}

/**
 * A second process, in a session of its own, that holds one end of a pipe. Only this process has the other end. The
 * kernel closes that end however this process ends, and the watchdog undoes what the journal lists.
 */
export class Watchdog {
  /** Resolves when it is able to act. Rejects with STATE_UNUSABLE when it cannot be started. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #dismissed = false;
  /** Resolves when it touches no faults. */
  #idle: Promise<void> = Promise.resolve();

  constructor({ stateFolder, journalPath, drivers }: WatchdogCharge, { onLost, onLapse }: WatchdogEvents) {
    const args = ["--max-semi-space-size=1", MAIN, stateFolder, journalPath, ...drivers];
    this.#child = spawn(process.execPath, args, {
      detached: true,
      // Not the folder of the run: it may be on a disk that somebody wants to take away.
      cwd: "/",
      // With a service's marker it would be taken for a service.
      env: {
        ...process.env,
        NODE_OPTIONS: packageOptions(process.env.NODE_OPTIONS ?? ""),
        [SERVICE_MARKER]: "",
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#child.stdin?.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", resolve);
      this.#child.once("exit", resolve);
    });
    this.ready = this.#awaitReady(this.#listen(onLapse));
    // Whoever needs it awaits it. Until then a rejection must not be an unhandled one.
    this.ready.catch(() => {});
    void this.#ended.then((how) => {
      if (!this.#dismissed)
        onLost(`the watchdog process ended (${how instanceof Error ? messageOf(how) : how})`);
    });
    // It must not keep this process alive.
    this.#child.unref();
  }

  /** A sign of life. Without one it takes the faults out, see lease.ts. */
  beat(): void {
    if (!this.#dismissed) this.#child.stdin?.write(WATCHDOG_BEAT);
  }

  /** Resolves when it touches no faults. Await it before the faults are touched after a lapse. */
  async idle(): Promise<void> {
    await settled(Promise.race([this.#idle, this.#ended]), LIFT_MS);
  }

  /** The run was undone: the watchdog ends and does nothing. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    this.#child.ref();
    this.#child.stdin?.end(WATCHDOG_DONE);
    await settled(this.#ended, END_MS);
    this.#child.unref();
  }

  /** This process gives up on what is left of the run: the watchdog tries at once. */
  handOver(): void {
    this.#dismissed = true;
    this.#child.stdin?.end();
  }

  /** Resolves when it says that it is ready. */
  #listen(onLapse: () => void): Promise<string> {
    const { stdout } = this.#child;
    if (!(stdout instanceof Socket)) throw new Error("the watchdog has no output");
    let finished = () => {};
    const first = new Promise<string>((resolve) => {
      createInterface({ input: stdout }).on("line", (line) => {
        switch (`${line}\n`) {
          case WATCHDOG_LAPSED:
            this.#idle = new Promise((done) => {
              finished = done;
            });
            onLapse();
            return;
          case WATCHDOG_LIFTED:
            finished();
            return;
          default:
            resolve(`${line}\n`);
        }
      });
    });
    stdout.on("error", () => {});
    // Like the process itself, it must not keep this one alive.
    stdout.unref();
    return first;
  }

  async #awaitReady(first: Promise<string>): Promise<void> {
    const outcome = await withDeadline(
      Promise.race([first, this.#ended]),
      START_MS,
      () => new Error(`no answer within ${START_MS / 1000} s`),
    ).catch(messageOf);
    if (outcome !== WATCHDOG_READY) {
      throw new FaultlineError("STATE_UNUSABLE", `the watchdog process could not be started (${outcome})`);
    }
  }
}

/** Resolves when `work` has settled, or after `ms`. */
async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  await withDeadline(work, ms, () => new Error("late")).catch(() => {});
}
