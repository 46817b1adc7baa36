/** One way in which a run ends other than by its plan. */
export const ENDINGS = [
  "SIGINT",
  "SIGINT twice",
  "SIGTERM",
  "SIGKILL",
  "SIGKILL of the whole process group",
  "a toxic throws",
  "the embedded server's thread ends",
  "an error that nobody catches",
  "Toxiproxy is killed",
  "Toxiproxy hangs",
  "SIGINT on a real Toxiproxy",
  "SIGKILL on a real Toxiproxy",
  "a service is killed",
  "the report folder cannot be written",
  "the disk of the report is full",
  "the disk of the journal is full",
] as const;
export type Ending = (typeof ENDINGS)[number];

/** When it happens: so long after the run's start, or after the end of its first, second, … phase was printed. */
export interface Trial {
  readonly ending: Ending;
  readonly phasesBefore: number;
  readonly thenMs: number;
}

/** How long it may take from the run's start, or from the end of a phase, to the end of the next or of the run. */
export const STRETCHES_MS = [
  2_500, // start and baseline
  2_500, // fault
  1_200, // recovery
  300, // reports
] as const;

/** So from the start of the run, not at a moment. */
export const HOLDS_FROM_THE_START: ReadonlySet<Ending> = new Set([
  "the report folder cannot be written",
  "the disk of the report is full",
  "the disk of the journal is full",
]);

export type Exit = number | NodeJS.Signals | null;
