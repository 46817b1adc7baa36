import { mergeSecondCounts, type SecondCounts } from "../../measure/second-counts.js";
import type { SecondReport } from "../../measure/segment-accumulator.js";
import { BalancedSum } from "./balanced-sum.js";

interface OpenSecond {
  told: number;
  readonly names: Map<number, BalancedSum<SecondCounts>>;
}

/** Seconds of a segment that some generators have told, and others have not. */
export class GatheredSeconds {
  readonly #open = new Map<number, OpenSecond>();

  /** Takes what one generator has told. @returns how many have told that second. */
  add({ second, names }: SecondReport): number {
    const open = this.#open.get(second) ?? { told: 0, names: new Map() };
    this.#open.set(second, open);
    for (const { name, counts } of names) {
      const sum = open.names.get(name) ?? new BalancedSum(mergeSecondCounts);
      open.names.set(name, sum);
      sum.add(counts);
    }
    open.told += 1;
    return open.told;
  }

  /** Those seconds, and how many generators have told each. */
  get told(): readonly (readonly [second: number, by: number])[] {
    return [...this.#open].map(([second, { told }]) => [second, told] as const);
  }

  /** What is known of all of them. */
  get reports(): readonly SecondReport[] {
    return [...this.#open].map(([second, open]) => reportOf(second, open));
  }

  /** Nothing more is added to the second. @returns all that was told of it. */
  take(second: number): SecondReport {
    const open = this.#open.get(second);
    this.#open.delete(second);
    return open === undefined ? { second, names: [] } : reportOf(second, open);
  }
}

function reportOf(second: number, { names }: OpenSecond): SecondReport {
  const counted = [...names].flatMap(([name, sum]) => {
    const counts = sum.total();
    return counts === null ? [] : { name, counts };
  });
  return { second, names: counted };
}
