import type { ChalkInstance } from "chalk";
import type { Report, SloResult } from "../../analysis/document/report.js";
import { untoldReasons } from "../shown/told-reasons.js";
import { wrap } from "./layout.js";
import type { Legend } from "./legend.js";

/** From the most to the least. The first that fits the screen is taken. */
export const DETAILS = ["full", "held_folded", "brief", "list"] as const;
export type Detail = (typeof DETAILS)[number];

/** The headline is the answer. It is cut only when it would push everything else off the screen. */
export const MOST_REASON_LINES = 6;

/** A screen, and how much it has room for. */
export interface Screen {
  readonly columns: number;
  readonly chalk: ChalkInstance;
  readonly detail: Detail;
  /** Whether each request name has a line. These go first. */
  readonly requests: boolean;
  readonly legend: Legend;
  /** Lines for the faults. */
  readonly rows: number;
}

export function bullet(text: string, columns: number, chalk: ChalkInstance): string[] {
  return wrap(text, columns - 4, 2).map((line, at) => `  ${at === 0 ? chalk.cyan("›") : " "} ${line}`);
}

/** A row that says "invalid" needs its reason. */
export function renderInvalid(
  slos: readonly SloResult[],
  said: SloResult | undefined,
  columns: number,
): string[] {
  return untoldReasons(slos, said).flatMap((reason) =>
    wrap(`invalid: ${reason}`, columns - 2, 2).map((line) => `  ${line}`),
  );
}

/** The end of a cut headline stands only with the fault. */
export function isHeadlineCut({ reason }: Report, columns: number): boolean {
  return wrap(reason, columns - 2).length > MOST_REASON_LINES;
}
