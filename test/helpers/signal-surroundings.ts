import type { SignalSurroundings } from "../../src/signals/signal-source.js";

/** What a source has of a run, without a run. */
export const SURROUNDINGS: SignalSurroundings = {
  env: () => process.env,
  starting: (start) => start(),
  quote: (text, mostCharacters) => text.slice(0, mostCharacters),
};
