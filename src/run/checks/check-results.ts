import type { CheckRecord } from "../../measure/checks/check-record.js";
import type { CompletionsRecord } from "../../measure/checks/completions-record.js";
import { askedText, expectationInWords } from "../../plan/checks/check-in-words.js";
import type { CheckSpec, IdSetSpec } from "../../plan/checks/check-spec.js";
import { redact } from "../../support/redact.js";
import { AskTally, type Moment, type OneAsk } from "./ask-tally.js";
import type { WatchedIds } from "./id-checks.js";

/** Of what a check printed. */
const SHOWN_CHARACTERS = 2_000;

export interface CheckResultsOptions {
  readonly checks: readonly CheckSpec[];
  readonly secrets: readonly string[];
  readonly warn: (text: string) => void;
}

/** Keeps what came of asking the checks of a run. What does not hold is warned of at once, the first time in a phase. */
export class CheckResults {
  readonly #options: CheckResultsOptions;
  readonly #tallies: ReadonlyMap<CheckSpec, AskTally>;
  /** By the phases' ids. */
  readonly #completions = new Map<string, CompletionsRecord[]>();

  constructor(options: CheckResultsOptions) {
    this.#options = options;
    this.#tallies = new Map(options.checks.map((check) => [check, new AskTally()]));
  }

  note(check: CheckSpec, moment: Moment, one: OneAsk): void {
    const { judged } = one;
    const shown =
      judged.kind === "unasked" ? { ...judged, output: this.shown(check, judged.output) } : judged;
    const isNews = this.#tallies.get(check)?.add(moment, { ...one, judged: shown }) === true;
    if (judged.kind === "held" || !isNews) return;
    const how = judged.kind === "broken" ? "does not hold" : "could not be asked";
    this.#options.warn(`check "${check.name}" ${how}: ${judged.reason}`);
  }

  /** What the looks at a set of ids came to. */
  noteWatched(check: CheckSpec, { request }: IdSetSpec, { asks, completions }: WatchedIds): void {
    for (const each of asks) {
      this.#tallies.get(check)?.put(each);
      if (each.firstBroken)
        this.#options.warn(`check "${check.name}" did not hold: ${each.firstBroken.reason}`);
    }
    for (const [phase, seconds] of completions) {
      const completed = { check: check.name, request, seconds: [...seconds] };
      this.#completions.set(phase, [...this.completionsOf(phase), completed]);
    }
  }

  /** What was seen of this phase's requests by checks that look again and again. Known at the end only. */
  completionsOf(phase: string): readonly CompletionsRecord[] {
    return this.#completions.get(phase) ?? [];
  }

  /**
   * How each check fared until now.
   * @param idPart what a check on ids has beside its answers.
   */
  records(idPart: (check: CheckSpec) => Pick<CheckRecord, "ids" | "looks">): readonly CheckRecord[] {
    return [...this.#tallies].map(([check, tally]) => ({
      name: check.name,
      asks: askedText(check),
      expect: expectationInWords(check),
      when: [...check.when],
      withinS: check.withinMs / 1000,
      asked: tally.asks(),
      ...idPart(check),
    }));
  }

  /** Without secrets: one that is cut would not be found later. A program says last what went wrong, an answer first what it is. */
  shown({ ask }: CheckSpec, output: string): string {
    const masked = redact(output, this.#options.secrets);
    return ask.kind === "command" ? masked.slice(-SHOWN_CHARACTERS) : masked.slice(0, SHOWN_CHARACTERS);
  }
}
