import type { Outcome } from "../../measure/outcome.js";
import type { FaultWindow, PageData } from "../../report/html/page-model.js";
import { OUTCOME_WORDS } from "../../report/shown/verdict-words.js";
import type { LiveSecond, LiveStatus, LiveWindow } from "../watch/live-model.js";

/** As many as the server keeps. Each is a point; stretches have one more. */
const MOST_POINTS = 7_400;
/** Seconds are measured one after another. A longer gap between two was measured by nobody. */
const GAP_S = 0.7;

const ALL_OUTCOMES = Object.keys(OUTCOME_WORDS) as Outcome[]; // its type says which keys it has
const COLUMN_QUANTILES = ["p50", "p90", "p99", "max"] as const;

type Values = (number | null)[];

/** The seconds so far, as the charts' columns. They grow. */
export class SecondColumns {
  readonly atS: number[] = [];
  readonly ratesPerS = Object.fromEntries(ALL_OUTCOMES.map((outcome) => [outcome, [] as Values]));
  readonly latencyMs: Readonly<Record<(typeof COLUMN_QUANTILES)[number], Values>> = {
    p50: [],
    p90: [],
    p99: [],
    max: [],
  };
  #last: LiveSecond | null = null;

  /** null: there is none yet. */
  get last(): LiveSecond | null {
    return this.#last;
  }

  get endS(): number {
    return this.atS.at(-1) ?? 0;
  }

  append(second: LiveSecond): void {
    const isGap = this.#last !== null && second.atS - this.endS > GAP_S;
    if (isGap) this.#push((second.atS + this.endS) / 2, null);
    else if (this.#last !== null) this.#each((column) => column.pop());
    this.#push(second.atS, second);
    // Each stretch closes with its end.
    this.#push(second.atS + second.widthS, second);
    this.#last = second;
    const tooMany = this.atS.length - MOST_POINTS;
    if (tooMany > 0) this.#each((column) => column.splice(0, tooMany));
  }

  #push(atS: number, second: LiveSecond | null): void {
    this.atS.push(atS);
    for (const outcome of ALL_OUTCOMES) this.ratesPerS[outcome]?.push(second ? second.perS[outcome] : null);
    for (const [index, quantile] of COLUMN_QUANTILES.entries()) {
      this.latencyMs[quantile].push(second?.latencyMs[index] ?? null);
    }
  }

  #each(change: (column: Values) => void): void {
    for (const column of [this.atS, ...Object.values(this.ratesPerS), ...Object.values(this.latencyMs)]) {
      change(column as Values); // times are never null, and a change only removes
    }
  }
}

export function liveChartData(columns: SecondColumns, status: LiveStatus): PageData {
  return {
    atS: columns.atS,
    ratesPerS: columns.ratesPerS,
    latencyMs: columns.latencyMs,
    timeoutMs: status.timeoutMs,
    phases: status.phases,
    windows: status.windows.map((window) => bandOf(window, status, columns.endS)),
    latencyLines: status.latencyLines,
    throughputLines: status.throughputLines,
    // They are read as a phase ends.
    signals: [],
    distribution: { axis: [], curves: [], promises: [] },
  };
}

function bandOf(window: LiveWindow, { verdicts, windows }: LiveStatus, endS: number): FaultWindow {
  const { index, fault, trial, fromS, toS } = window;
  const known = verdicts.find((each) => each.fault === fault);
  const isLast = windows.findLast((each) => each.fault === fault) === window;
  return {
    index,
    name: trial ?? fault,
    // A fault that is measured again has a window for each time.
    verdict: trial === null && isLast ? (known?.verdict ?? null) : null,
    fromS,
    toS: toS ?? Math.max(fromS, endS),
    recoveredS: isLast ? (known?.recoveredS ?? null) : null,
    trials: [],
  };
}
