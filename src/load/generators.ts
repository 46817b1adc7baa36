import type { FromThread, ToThread } from "./thread-messages.js";

/** What makes the load of a session: threads of this process, or those of workers. They are numbered from 0. */
export interface Generators {
  readonly count: number;
  /** Those that can still be asked. */
  readonly alive: ReadonlySet<number>;
  /** Tells all that are alive. Times are on the clock of this process. */
  send(message: ToThread): void;
  /** Ends them, and with them all their sockets. */
  stop(): Promise<void>;
}

export interface GeneratorListener {
  readonly onMessage: (message: FromThread, generator: number) => void;
  /** The generator has ended and will say nothing more. */
  readonly onDeath: (reason: string, generator: number) => void;
}
