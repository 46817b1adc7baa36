import type { SignalSpec } from "../../plan/signals/signal-spec.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { gapIn, longestSilenceMs, secondsOf } from "../gaps.js";
import type { ReadSignal, SignalSample, SignalSource } from "../signal-source.js";
import { increase, type SignalLook } from "./look.js";

/** Looks once. Never rejects, unless it was stopped. */
export type LookOnce = (stop: AbortSignal) => Promise<SignalLook>;

/** A sample, or why there is none. `sinceMs`: counts are of the time from then on. */
type Looked = Look &
  (
    | {
        readonly sinceMs: number;
        readonly sample: SignalSample;
        readonly isAnew: boolean;
      }
    | { readonly trouble: SignalTrouble }
  );

interface Look {
  /** Half-way between question and answer. */
  readonly atMs: number;
  /** How long it was due before it began. */
  readonly lateMs: number;
  readonly tookMs: number;
}

/** One look that failed is none: the next one may tell. */
const UNANSWERED: ReadonlySet<SignalTrouble["id"]> = new Set(["no_answer", "command_failed"]);

/** Something that is asked again and again, because it knows only its present state. */
export class PolledSource implements SignalSource {
  readonly #everyMs: number;
  readonly #look: LookOnce;
  #looked: Looked[] = [];
  /** The look that has no answer yet. */
  #begun: { readonly sentMs: number; readonly lateMs: number } | null = null;
  #counted: { readonly atMs: number; readonly look: Extract<SignalLook, { kind: "counters" }> } | null = null;

  constructor({ everyMs }: SignalSpec, look: LookOnce) {
    this.#everyMs = everyMs ?? 1000;
    this.#look = look;
  }

  start(stop: AbortSignal): Promise<void> {
    return this.#keepLooking(stop);
  }

  async everyMs(): Promise<number> {
    return this.#everyMs;
  }

  async now(): Promise<SignalSample | null> {
    const last = this.#looked.at(-1);
    const isNew = last !== undefined && monotonicMs() - last.atMs <= longestSilenceMs(this.#everyMs);
    return isNew && "sample" in last ? last.sample : null;
  }

  async between(fromMs: number, untilMs: number, stop: AbortSignal): Promise<ReadSignal> {
    await sleep(Math.max(0, untilMs - monotonicMs()), stop);
    const inside = this.#looked.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
    const good = inside.flatMap((looked) => ("sample" in looked && looked.sinceMs >= fromMs ? [looked] : []));
    const bad = inside.flatMap((looked) => ("trouble" in looked ? [looked.trouble] : []));
    const unanswered = bad.filter(({ id }) => UNANSWERED.has(id));
    const wrong = bad.find(({ id }) => !UNANSWERED.has(id));
    const [everyMs, phaseMs] = [this.#everyMs, fromMs];
    const gap = gapIn(
      good.map(({ atMs }) => atMs),
      // The first count is of the time between the first two looks.
      { phaseMs, fromMs, untilMs, everyMs },
    );
    const [first] = unanswered;
    const silence: SignalTrouble | null =
      gap !== null && first
        ? { id: first.id, facts: { ...first.facts, times: unanswered.length, ...gap.facts } }
        : gap && this.#withCause(gap, fromMs);
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
      const lateMs = sentMs - nextMs;
      this.#begun = { sentMs, lateMs };
      const look = await this.#look(stop).catch(() => null);
      this.#begun = null;
      if (look === null || stop.aborted) return;
      const tookMs = monotonicMs() - sentMs;
      this.#note(look, { atMs: sentMs + tookMs / 2, lateMs, tookMs });
      // An answer that took longer than that has cost its turns.
      nextMs += Math.max(1, Math.ceil((monotonicMs() - nextMs) / this.#everyMs)) * this.#everyMs;
    }
  }

  /** Whose time was missing: that of whoever was slow to answer, or of this process, which asked late. */
  #withCause(gap: SignalTrouble, phaseMs: number): SignalTrouble {
    const lengthMs = Number(gap.facts.lengthS) * 1000;
    const beginMs = phaseMs + Number(gap.facts.fromS) * 1000;
    const inside = this.#looked.filter(({ atMs }) => atMs > beginMs && atMs <= beginMs + lengthMs + 1);
    const begun = this.#begun;
    const waited = begun === null ? 0 : monotonicMs() - begun.sentMs;
    const answerMs = Math.max(waited, ...inside.map(({ tookMs }) => tookMs));
    const lateMs = Math.max(begun?.lateMs ?? 0, ...inside.map((look) => look.lateMs));
    if (answerMs > lengthMs / 2) return { ...gap, facts: { ...gap.facts, answerS: secondsOf(answerMs) } };
    return lateMs > lengthMs / 2 ? { ...gap, facts: { ...gap.facts, lateS: secondsOf(lateMs) } } : gap;
  }

  #note(look: SignalLook, when: Look): void {
    const { atMs } = when;
    if (look.kind === "trouble") {
      this.#looked.push({ ...when, trouble: look.trouble });
      return;
    }
    if (look.kind === "value") {
      this.#looked.push({ ...when, sinceMs: atMs, sample: { atMs, value: look.value }, isAnew: false });
      return;
    }
    const before = this.#counted;
    this.#counted = { atMs, look };
    if (before === null) return;
    const [bad, total] = [increase(before.look.bad, look.bad), increase(before.look.total, look.total)];
    this.#looked.push({
      ...when,
      sinceMs: before.atMs,
      sample: { atMs, bad: bad.count, total: total.count },
      isAnew: bad.isAnew || total.isAnew,
    });
  }
}
