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
  "Toxiproxy pauses for 8 s",
  "SIGKILL on a Toxiproxy behind a path",
  "SIGKILL on a Toxiproxy by https",
  "SIGKILL of the run and of its tunnel to Toxiproxy",
  "the tunnel to Toxiproxy dies",
  "SIGKILL on a Toxiproxy, with the disk of the journal full",
  "the run is stopped for longer than its lease, on a real Toxiproxy",
  "SIGKILL, with a daemon",
  "SIGINT, with a daemon",
  "SIGKILL, with a service paused",
  "SIGINT, with a service paused",
  "the run is stopped for longer than its lease, with a service paused",
  "SIGKILL, with a service short of CPU",
  "SIGINT, with a service short of CPU",
  "SIGKILL, with a service short of memory",
  "SIGINT, with a service short of memory",
  "SIGKILL, with a service that was killed and comes back",
  "SIGINT, with a service that was killed and comes back",
  "SIGINT, with HTTP rules",
  "SIGTERM, with HTTP rules",
  "SIGKILL, with HTTP rules",
  "SIGKILL on a real Toxiproxy, with HTTP rules",
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

/** These take root: small disks of their own are mounted. */
export const TAKE_A_DISK: ReadonlySet<Ending> = new Set([
  "the disk of the report is full",
  "the disk of the journal is full",
  "SIGKILL on a Toxiproxy, with the disk of the journal full",
]);

/** In these the run finds its proxy on the server, with a toxic on it: somebody else's, to be left as it was found. */
export const FINDS_ITS_PROXY: ReadonlySet<Ending> = new Set([
  "Toxiproxy pauses for 8 s",
  "Toxiproxy hangs",
  "SIGKILL on a Toxiproxy behind a path",
  "SIGKILL on a Toxiproxy by https",
  "SIGKILL of the run and of its tunnel to Toxiproxy",
  "the tunnel to Toxiproxy dies",
]);

export type Exit = number | NodeJS.Signals | null;
