/** A time in which no game day begins. */
export type QuietWindow = WeekdayWindow | QuietPeriod;

/** The same part of some days of every week, on the clock of the game day's time zone. */
export interface WeekdayWindow {
  readonly kind: "weekday";
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Minutes since midnight; `toMinute` is exclusive. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** As the user wrote it. */
  readonly text: string;
}

/** Once, from one local time to another. */
export interface QuietPeriod {
  readonly kind: "period";
  /** Such as 2026-12-20T00:00:00. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  /** The zone of that clock. null: the game day's time zone. */
  readonly zone: string | null;
  readonly text: string;
}
