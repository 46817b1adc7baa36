import type { LoadModel } from "../plan/load-plan.js";
import { peakOf } from "../plan/profile.js";

/** A thread's part in a load that several make together. */
export interface Share {
  /** 0 … threads − 1 */
  readonly thread: number;
  readonly threads: number;
}

/** All parts of a load that so many threads make together. */
export function sharesOf(threads: number): readonly Share[] {
  return Array.from({ length: threads }, (_, thread) => ({ thread, threads }));
}

/** How many of `total` things are this thread's, when they are dealt out one by one. */
export function shareOf(total: number, { thread, threads }: Share): number {
  return Math.max(0, Math.ceil((total - thread) / threads));
}

/** The most connections that a load ever has, over all threads. */
export function connectionsOf(model: LoadModel): number {
  return model.kind === "open" ? model.maxConnections : Math.round(peakOf(model.profile));
}
