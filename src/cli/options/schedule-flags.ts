/** Options of `schedule`. */
export interface ScheduleFlags {
  readonly emit?: string;
  readonly now?: boolean;
  readonly due?: boolean;
  readonly out?: string;
  readonly image?: string;
  readonly port: number;
  readonly var: readonly string[];
  readonly allowHost: readonly string[];
}
