/** What a thread with a server for each of several proxies is told, and what it says. */

import type { ServerThreadData } from "./server-thread.js";

export interface PlacesStart<Place> extends ServerThreadData {
  readonly places: readonly Place[];
}

/** What can be asked of all of them at once, and what each answers. */
export type QuestionTable<Table> = {
  readonly [Name in keyof Table]: { readonly about: unknown; readonly answer: unknown };
};

export type QuestionOf<Table extends QuestionTable<Table>> = {
  [Name in keyof Table]: { readonly ask: Name; readonly about: Table[Name]["about"] };
}[keyof Table];

export type FromPlaces =
  /** host:port by proxy. */
  | { readonly kind: "listening"; readonly addresses: ReadonlyMap<string, string> }
  | { readonly kind: "failed"; readonly message: string }
  /** By proxy; of the kind that the question says. */
  | { readonly kind: "answer"; readonly id: number; readonly byProxy: ReadonlyMap<string, unknown> };
