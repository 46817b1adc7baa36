import type { GameDayData } from "../schema/game-day.js";

/** Who is told of what, as the game day says it. */
export type Receiver = GameDayData["notify"][number];
export type NoticeEvent = Receiver["on"][number];

/** What is told: facts, and one sentence made of them. */
export interface Notice {
  readonly event: NoticeEvent;
  readonly gameDay: string;
  readonly exerciseId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Who does what, as far as somebody is named. */
  readonly roles: Readonly<Record<string, string>>;
  /** The scenario that it is about; null: the whole day. */
  readonly scenario: string | null;
  /** null: there is none yet. */
  readonly verdict: string | null;
  readonly text: string;
}
