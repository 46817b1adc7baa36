import { createHash, randomBytes, randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { GameDayReport } from "../../gameday/report/game-day-report.js";

/** A scenario that nobody is told of before it is over, and the proof that it was this one from the start. */
export interface BlindPick {
  /** Its place among those of the game day. */
  readonly index: number;
  /** Hash of its file. */
  readonly sha256: string;
  readonly blind: NonNullable<GameDayReport["blind"]>;
}

/** Picks one of a game day's scenarios by chance. @throws Error when its file cannot be read. */
export async function pickBlindly({ data, scenarios }: GameDay, cwd: string): Promise<BlindPick> {
  const index = randomInt(scenarios.length);
  const nonce = randomBytes(16).toString("hex");
  const bytes = await readFile(resolve(cwd, scenarios[index] ?? ""));
  const seal = createHash("sha256").update(`${nonce}\n`).update(bytes).digest("hex");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    index,
    sha256,
    blind: { seal, nonce, file: data.scenarios[index] ?? "", of: [...data.scenarios] },
  };
}
