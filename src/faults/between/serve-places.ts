/** What a thread does that `place-servers.ts` starts. */
import { messageOf } from "../../support/errors.js";
import { insideServerThread } from "./inside-thread.js";
import { type Closing, openEach } from "./open-each.js";
import type { FromPlaces, PlacesStart, QuestionOf, QuestionTable } from "./place-messages.js";
import type { NumberedQuestion } from "./thread-questions.js";

interface Opened extends Closing {
  /** host:port where it really listens. */
  readonly address: string;
}

export interface PlaceService<Start, Place, Server, Table extends QuestionTable<Table>> {
  /** Rejects with the system's error. */
  open(place: Place, at: number, start: Start): Promise<Server>;
  /** What the server of this proxy answers. */
  answer(question: QuestionOf<Table>, proxy: string, server: Server): unknown;
}

/** Opens a server for each place and answers questions until it is told to stop. */
export async function servePlaces<
  Place extends { readonly proxy: string },
  Start extends PlacesStart<Place>,
  Server extends Opened,
  Table extends QuestionTable<Table>,
>({ open, answer }: PlaceService<Start, Place, Server, Table>): Promise<void> {
  const thread = insideServerThread<Start, FromPlaces, NumberedQuestion<QuestionOf<Table>>>();
  try {
    const servers = await openEach(thread.data.places, (place, at) => open(place, at, thread.data));
    const ofEach = <T>(value: (proxy: string, server: Server) => T): ReadonlyMap<string, T> =>
      new Map([...servers].map(([proxy, server]) => [proxy, value(proxy, server)]));
    thread.listen(
      ({ id, question }) => {
        const byProxy = ofEach((proxy, server) => answer(question, proxy, server));
        thread.say({ kind: "answer", id, byProxy });
      },
      () => {
        for (const server of servers.values()) server.close();
      },
    );
    thread.say({ kind: "listening", addresses: ofEach((_, { address }) => address) });
  } catch (error) {
    thread.say({ kind: "failed", message: messageOf(error) });
    thread.end();
  }
}
