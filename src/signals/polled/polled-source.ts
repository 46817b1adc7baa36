import type { SignalSpec } from "../../plan/signals/signal-spec.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { gapIn } from "../gaps.js";
import type { ReadSignal, SignalSample, SignalSource } from "../signal-source.js";
import { increase, type SignalLook } from "./look.js";

/** Looks once. Never rejects, unless it was stopped. */
export type LookOnce = (stop: AbortSignal) => Promise<SignalLook>;

/** A sample, or why there is none. `sinceMs`: counts are of the time from then on. */
type Looked =
  | {
      readonly atMs: number;
      readonly sinceMs: number;
      readonly sample: SignalSample;
      readonly isAnew: boolean;
    }
  | { readonly atMs: number; readonly trouble: SignalTrouble };

/** Something that is asked again and again, because it knows only its present state. */
export class PolledSource implements SignalSource {
  readonly #everyMs: number;
  readonly #look: LookOnce;
  #looked: Looked[] = [];
  #counted: { readonly atMs: number; readonly look: Extract<SignalLook, { kind: "counters" }> } | null = null;

  constructor({ everyMs }: SignalSpec, look: LookOnce) {
    this.#everyMs = everyMs ?? 1000;
    this.#look = look;
  }

  start(stop: AbortSignal): void {
    void this.#keepLooking(stop);
  }

  async everyMs(): Promise<number> {
    return this.#everyMs;
  }

  async between(fromMs: number, untilMs: number, stop: AbortSignal): Promise<ReadSignal> {
    await sleep(Math.max(0, untilMs - monotonicMs()), stop);
    const inside = this.#looked.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
    const good = inside.flatMap((looked) => ("sample" in looked && looked.sinceMs >= fromMs ? [looked] : []));
    const bad = inside.flatMap((looked) => ("trouble" in looked ? [looked.trouble] : []));
    const unanswered = bad.filter(({ id }) => id === "no_answer");
    const wrong = bad.find(({ id }) => id !== "no_answer");
    const [everyMs, phaseMs] = [this.#everyMs, fromMs];
    const gap = gapIn(
      good.map(({ atMs }) => atMs),
      // The first count is of the time between the first two looks.
      { phaseMs, fromMs, untilMs, everyMs },
    );
    const [first] = unanswered;
    const silence: SignalTrouble | null =
      gap !== null && first
        ? { id: "no_answer", facts: { ...first.facts, times: unanswered.length, ...gap.facts } }
        : gap;
    return {
      everyMs,
      samples: good.map(({ sample }) => sample),
      restarts: good.filter(({ isAnew }) => isAnew).length,
      // Looks without a number are why there is a gap.
      troubles: wrong ? [wrong] : silence ? [silence] : [],
    };
  }

  async #keepLooking(stop: AbortSignal): Promise<void> {
    for (let nextMs = monotonicMs(); ; ) {
      await sleep(Math.max(0, nextMs - monotonicMs()), stop).catch(() => {});
      if (stop.aborted) return;
      const sentMs = monotonicMs();
      const look = await this.#look(stop).catch(() => null);
      if (look === null || stop.aborted) return;
      this.#note(look, (sentMs + monotonicMs()) / 2);
      // An answer that took longer than that has cost its turns.
      nextMs += Math.max(1, Math.ceil((monotonicMs() - nextMs) / this.#everyMs)) * this.#everyMs;
    }
  }

  #note(look: SignalLook, atMs: number): void {
    if (look.kind === "trouble") {
      this.#looked.push({ atMs, trouble: look.trouble });
      return;
    }
    if (look.kind === "value") {
      this.#looked.push({ atMs, sinceMs: atMs, sample: { atMs, value: look.value }, isAnew: false });
      return;
    }
    const before = this.#counted;
    this.#counted = { atMs, look };
    if (before === null) return;
    const [bad, total] = [increase(before.look.bad, look.bad), increase(before.look.total, look.total)];
    this.#looked.push({
      atMs,
      sinceMs: before.atMs,
      sample: { atMs, bad: bad.count, total: total.count },
      isAnew: bad.isAnew || total.isAnew,
    });
  }
}
