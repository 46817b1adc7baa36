import type { Random } from "../../../../support/random.js";
import type { Piece, Settings, Toxic, ToxicLine, ToxicType } from "../stream/toxic.js";

type Attribute = "average_size" | "size_variation" | "delay";

/**
 * Timers count milliseconds and come late on a busy machine, so delays are kept on average: the time that a wait
 * overslept is taken off the next one. It is at most half a delay, or a late timer would send many slices as one. For
 * delays shorter than a timer can count, it is at most this.
 */
const LEAST_CAUGHT_UP_MS = 2;

/** Cuts pieces into smaller ones, with `delay` microseconds after each. */
class Slicer implements Toxic {
  constructor(
    private readonly settings: Settings<Attribute>,
    private readonly random: Random,
  ) {}

  take(piece: Piece, line: ToxicLine): void {
    const ends = this.#cuts(piece.bytes.length);
    // A small piece goes out whole. With a delay, the next one still waits.
    if (ends.length > 1 || this.settings.delay > 0) line.acted();
    this.#send(piece, 0, ends, performance.now(), line);
  }

  /** Sends `piece` from offset `start` on. `ends` are where its slices end, the next one last. */
  #send(piece: Piece, start: number, ends: number[], dueMs: number, line: ToxicLine): void {
    const delayMs = this.settings.delay / 1000;
    const caughtUpMs = Math.max(LEAST_CAUGHT_UP_MS, delayMs / 2);
    let from = start;
    let nextMs = dueMs;
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
      line.send({ ...piece, bytes: piece.bytes.subarray(from, end) });
      from = end;
      const now = performance.now();
      nextMs = Math.max(nextMs, now - caughtUpMs) + delayMs;
      const waitMs = nextMs - now;
      if (waitMs <= 0) continue;
      const rest = from < piece.bytes.length ? { ...piece, bytes: piece.bytes.subarray(from) } : null;
      line.hold(waitMs, rest, () => this.#send(piece, from, ends, nextMs, line));
      return;
    }
  }

  /**
   * Halves, moving each cut by up to ± size_variation, until no part is larger than average + variation.
   * @returns offsets of the ends, last one first.
   */
  #cuts(length: number): number[] {
    const { average_size: average, size_variation: variation } = this.settings;
    const largest = average + variation;
    const ends: number[] = [];
    const open: [number, number][] = [[0, length]];
    for (let part = open.pop(); part; part = open.pop()) {
      const [start, end] = part;
      let middle = start + Math.floor((end - start) / 2);
      if (variation > 0) middle += Math.floor(this.random() * variation * 2) - variation;
      middle = Math.min(Math.max(middle, start + 1), end - 1);
      if (end - start > largest) open.push([start, middle], [middle, end]);
      else ends.push(end);
    }
    return ends;
  }
}

export const slicerToxic: ToxicType<Attribute> = {
  type: "slicer",
  attributes: ["average_size", "size_variation", "delay"],
  refuse({ average_size: average, size_variation: variation }) {
    if (average <= 0) return `average_size must be above 0, not ${average}`;
    if (variation >= 0 && variation <= average) return null;
    return `size_variation must be from 0 to average_size, not ${variation}`;
  },
  create: (settings, random) => new Slicer(settings, random),
};
