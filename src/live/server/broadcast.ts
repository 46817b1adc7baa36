import { randomBytes } from "node:crypto";
import type { LiveMessage } from "../watch/live-model.js";

/** A watcher who was away gets up to this many ticks one by one. After a longer absence everything is sent anew. */
const MOST_KEPT = 120;

interface Told {
  readonly id: number;
  readonly bytes: Buffer;
}

/** Numbers the messages, writes each once for all watchers, and knows what a watcher who was away has missed. */
export class Broadcast {
  /** Another process on the same port counts from 1 as well. */
  readonly #origin = randomBytes(4).toString("hex");
  #lastId = 0;
  /** A watcher who knows less than this must be told everything. */
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

  /** Counts a message that nobody gets. */
  skip(): void {
    this.#lastId += 1;
    this.#kept = [];
    this.#firstKept = this.#lastId + 1;
  }

  /** Everything anew: what came before belongs to another run. */
  begin(message: LiveMessage): Buffer {
    this.#kept = [];
    this.#whole = this.#number("whole", message);
    this.#firstKept = this.#whole.id + 1;
    return this.#whole.bytes;
  }

  /**
   * @param lastEventId the last message that the watcher has; "": none.
   * @param whole makes the message with everything so far.
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

  /** JSON has no line feed of its own. One would end the event's line. */
  #written(kind: string, message: LiveMessage): Buffer {
    const id = `${this.#origin}-${this.#lastId}`;
    return Buffer.from(`event: ${kind}\nid: ${id}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** @returns -1 when it is not a number of this process. */
  #numberIn(lastEventId: string): number {
    const [origin, number = ""] = lastEventId.split("-");
    return origin === this.#origin && /^\d{1,12}$/.test(number) ? Number(number) : -1;
  }
}
