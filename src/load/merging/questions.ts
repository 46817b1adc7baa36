import type { SecondReport } from "../../measure/segment-accumulator.js";
import { type Settlement, settlement } from "./settlement.js";

interface Question extends Settlement {
  readonly waitingFor: Set<number>;
  readonly answers: Map<number, readonly SecondReport[]>;
}

/** What generators are asked of segments that go on, and what each has answered. */
export class Questions {
  readonly #open = new Map<number, Question>();
  #last = 0;

  /**
   * @param generators those that are asked.
   * @param ask asks them all. They answer with this number.
   */
  ask(generators: ReadonlySet<number>, ask: (question: number) => void): AskedQuestion {
    const number = ++this.#last;
    const question = { waitingFor: new Set(generators), answers: new Map(), ...settlement() };
    this.#open.set(number, question);
    ask(number);
    if (question.waitingFor.size === 0) question.settle();
    return { ...question, close: () => void this.#open.delete(number) };
  }

  answered(number: number, generator: number, seconds: readonly SecondReport[]): void {
    const question = this.#open.get(number);
    if (question === undefined) return;
    question.answers.set(generator, seconds);
    goOnWithout(question, generator);
  }

  /** The generator answers nothing more. */
  gone(generator: number): void {
    for (const question of this.#open.values()) goOnWithout(question, generator);
  }

  /** Nobody answers anything more. */
  end(): void {
    for (const question of this.#open.values()) question.settle();
  }
}

export interface AskedQuestion {
  /** Resolves when all that were asked have answered, or are gone. */
  readonly settled: Promise<void>;
  /** By generator: seconds that it has not completed. */
  readonly answers: ReadonlyMap<number, readonly SecondReport[]>;
  /** Later answers are passed over. */
  readonly close: () => void;
}

function goOnWithout(question: Question, generator: number): void {
  question.waitingFor.delete(generator);
  if (question.waitingFor.size === 0) question.settle();
}
