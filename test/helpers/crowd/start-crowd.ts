import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SparseHistogram } from "../../../src/measure/histogram.js";
import { onTestFinished } from "../at-once.js";
import { startChild } from "../children/start-child.mjs";

const SCRIPT = fileURLToPath(new URL("./crowd.mjs", import.meta.url));

/** What simulated workers have asked in one segment, counted where it was asked. */
export interface AskedInSegment {
  /** Second by second. */
  readonly scheduled: readonly number[];
  readonly byWorker: Readonly<Record<string, number>>;
  readonly latency: SparseHistogram;
}

export interface Crowd {
  readonly names: readonly string[];
  /** What all of them have asked, by segment. */
  tell(): Promise<Readonly<Record<string, AskedInSegment>>>;
  /** Their connections end at once. */
  leave(names: readonly string[]): void;
}

/** So many simulated workers, which wait for runs. They end with the test. */
export async function startCrowd(url: string, count: number): Promise<Crowd> {
  const child = startChild(process.execPath, [SCRIPT, url, String(count)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return {
    names: Array.from({ length: count }, (_, at) => `w${String(at).padStart(4, "0")}`),
    tell: async () => {
      const answer = once(child, "message");
      child.send("tell");
      const [asked] = await answer;
      return asked as Record<string, AskedInSegment>; // crowd.mjs says no more
    },
    leave: (names) => void child.send({ leave: names }),
  };
}
