import { randomBytes } from "node:crypto";
import type { LiveMessage } from "../watch/live-model.js";

/** Ticks that a watcher who was away may be given one by one; for a longer time all is sent anew. */
const MOST_KEPT = 120;

interface Told {
  readonly id: number;
  readonly bytes: Buffer;
}

/** Numbers what is told, writes each message once for all watchers, and knows what one who was away has missed. */
export class Broadcast {
  /** Another process on the same port counts from 1 as well. */
  readonly #origin = randomBytes(4).toString("hex");
  #lastId = 0;
  /** A watcher who knows less than this has to be told all. */
  #firstKept = 1;
  #kept: Told[] = [];
  #whole: Told | null = null;

  tick(message: LiveMessage): Buffer {
    const told = this.#number("tick", message);
    this.#kept.push(told);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    this.#firstKept = this.#kept[0]?.id ?? told.id;
    return told.bytes;
  }

  /** Time goes on, and nobody is told. */
  skip(): void {
    this.#lastId += 1;
    this.#kept = [];
    this.#firstKept = this.#lastId + 1;
  }

  /** All anew: what came before is another run's. */
  begin(message: LiveMessage): Buffer {
    this.#kept = [];
    this.#whole = this.#number("whole", message);
    this.#firstKept = this.#whole.id + 1;
    return this.#whole.bytes;
  }

  /**
   * @param lastEventId of the last message that the watcher has; "": none.
   * @param whole all that was told until now.
   */
  missed(lastEventId: string, whole: () => LiveMessage): Buffer {
    const lastSeen = this.#numberIn(lastEventId);
    if (lastSeen >= this.#firstKept - 1 && lastSeen <= this.#lastId)
      return Buffer.concat(this.#kept.filter(({ id }) => id > lastSeen).map(({ bytes }) => bytes));
    if (this.#whole?.id !== this.#lastId) {
      this.#whole = { id: this.#lastId, bytes: this.#written("whole", whole()) };
    }
    return this.#whole.bytes;
  }

  #number(kind: string, message: LiveMessage): Told {
    this.#lastId += 1;
    return { id: this.#lastId, bytes: this.#written(kind, message) };
  }

  /** JSON has no line feed of its own, which would end the line of the event. */
  #written(kind: string, message: LiveMessage): Buffer {
    const id = `${this.#origin}-${this.#lastId}`;
    return Buffer.from(`event: ${kind}\nid: ${id}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** -1: it is not one of this process. */
  #numberIn(lastEventId: string): number {
    const [origin, number = ""] = lastEventId.split("-");
    return origin === this.#origin && /^\d{1,12}$/.test(number) ? Number(number) : -1;
  }
}
