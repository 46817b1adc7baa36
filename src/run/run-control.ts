import { monotonicMs, sleep } from "../support/clock.js";
import { redact } from "../support/redact.js";
import { Teardown } from "../support/teardown.js";
import type { LoadPhases } from "./phases/load-phases.js";
import type { RunObserver } from "./phases/observer.js";
import { Recorder } from "./phases/recorder.js";
import { type StopCause, StopSwitch } from "./phases/stop-switch.js";

export interface RunControlOptions {
  readonly secrets: readonly string[];
  readonly observer?: RunObserver | undefined;
  /** Ctrl-C and SIGTERM abort it. Its reason becomes part of the record. */
  readonly interrupt?: AbortSignal | undefined;
  /** A longer run ends with "aborted". */
  readonly maxDurationMs?: number | undefined;
}

/** What every part of a run may use of it: tell something, leave something to be undone, end the run early. */
export class RunControl {
  readonly observer: RunObserver;
  readonly recorder: Recorder;
  readonly teardown = new Teardown();
  readonly stop = new StopSwitch();
  readonly startedAt = new Date();
  readonly #startedMs = monotonicMs();
  /** The phases that are measured. null: not yet. */
  phases: LoadPhases | null = null;
  #isSpoilt = false;
  /** Why, since it was asked for last. */
  #spoiltLately: string | null = null;

  constructor({ secrets, observer = {}, interrupt, maxDurationMs }: RunControlOptions) {
    this.observer = observer;
    this.recorder = new Recorder(observer, (text) => redact(text, secrets));
    if (interrupt) this.#followInterrupt(interrupt);
    if (maxDurationMs !== undefined) this.#limitDuration(maxDurationMs);
  }

  get durationMs(): number {
    return monotonicMs() - this.#startedMs;
  }

  /** For the screen. */
  say(text: string): void {
    this.observer.status?.(text);
  }

  /** For the record. */
  warn(text: string): void {
    this.recorder.event("warning", text);
  }

  abort(reason: string): void {
    if (this.stop.cause || this.teardown.started) return;
    this.recorder.event("abort", reason);
    this.stop.trip({ kind: "aborted", reason });
  }

  /** Somebody at another terminal wants the run to end: like a Ctrl-C, with a line in the record. */
  halt(reason: string): void {
    if (this.stop.cause || this.teardown.started) return;
    this.recorder.event("abort", reason);
    this.stop.trip({ kind: "interrupted", reason });
  }

  fail(code: Extract<StopCause, { kind: "failed" }>["code"], reason: string): void {
    if (this.stop.cause || this.teardown.started) return;
    this.warn(reason);
    this.stop.trip({ kind: "failed", code, reason });
  }

  /** This process has run out of something. What is measured meanwhile is not blamed on the system. */
  spoil(reason: string): void {
    if (this.teardown.started) return;
    this.#spoiltLately ??= reason;
    this.phases?.spoil(reason);
    if (!this.#isSpoilt) this.warn(reason);
    this.#isSpoilt = true;
  }

  /** @returns why what was measured since the last call says nothing of the system, or null. */
  takeSpoilt(): string | null {
    const reason = this.#spoiltLately;
    this.#spoiltLately = null;
    return reason;
  }

  #followInterrupt(interrupt: AbortSignal): void {
    const trip = () => this.stop.trip({ kind: "interrupted", reason: String(interrupt.reason) });
    if (interrupt.aborted) trip();
    else interrupt.addEventListener("abort", trip, { once: true });
  }

  #limitDuration(maxDurationMs: number): void {
    const over = new AbortController();
    this.teardown.add("duration limit", () => over.abort());
    sleep(maxDurationMs, over.signal).then(
      () => this.abort(`the run took longer than --max-duration ${maxDurationMs / 1000} s`),
      () => {},
    );
  }
}
