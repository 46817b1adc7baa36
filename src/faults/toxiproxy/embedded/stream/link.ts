import type { Socket } from "node:net";
import type { Random } from "../../../../support/random.js";
import { Stage, type StageHost } from "./stage.js";
import type { Piece } from "./toxic.js";
import type { ToxicEntry } from "./toxic-entry.js";
import type { DirectionTraffic } from "./traffic.js";

/** One direction of one connection: what is read from `source` goes through the toxics to `dest`. */
export class Link implements StageHost {
  readonly #source: Socket;
  readonly #dest: Socket;
  readonly #traffic: DirectionTraffic;
  readonly #random: Random;
  readonly #onReset: () => void;
  /** In the order in which data meets them. */
  #stages: Stage[] = [];
  #sourceEnded = false;
  /** The end has gone out to the destination. Nothing may follow it. */
  #ended = false;
  #dead = false;
  /** A toxic that is no longer there has cut the stream. Toxics behind it may still hold earlier data. */
  #cut = false;
  #paused = false;
  /** The source is read again after a pause. What comes at once had come before. */
  #resuming = false;

  constructor(
    source: Socket,
    dest: Socket,
    entries: readonly ToxicEntry[],
    traffic: DirectionTraffic,
    random: Random,
    onReset: () => void,
  ) {
    this.#source = source;
    this.#dest = dest;
    this.#traffic = traffic;
    this.#random = random;
    this.#onReset = onReset;
    dest.on("drain", () => this.relieved());
    for (const entry of entries) this.add(entry);
  }

  /** Bytes were read from the source. From here on the buffer is the link's own. */
  read(bytes: Buffer): void {
    this.#traffic.receivedBytes += bytes.length;
    this.#traffic.reads++;
    if (this.#dead || this.#cut) return;
    const first = this.#stages[0];
    if (first) first.accept({ bytes, atMs: performance.now(), hasWaited: this.#resuming });
    else this.#write(bytes);
    if (this.#congested()) {
      this.#paused = true;
      this.#source.pause();
    }
  }

  /** The source has ended or failed: nothing more comes from it. */
  sourceEnded(): void {
    if (this.#sourceEnded || this.#dead) return;
    this.#sourceEnded = true;
    const first = this.#stages[0];
    if (first) first.end();
    else this.end();
  }

  /** The destination is gone. Data on its way is dropped, and nothing more is read. */
  destGone(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const stage of this.#stages) stage.discard();
    this.#stages = [];
    this.#source.pause();
  }

  add(entry: ToxicEntry): void {
    if (this.#dead || this.#ended) return;
    const stage = new Stage(entry, this, this, this.#random);
    const last = this.#stages.at(-1);
    if (last) last.next = stage;
    this.#stages.push(stage);
  }

  update(entry: ToxicEntry): void {
    this.#stages.find((stage) => stage.entry === entry)?.update();
  }

  remove(entry: ToxicEntry): void {
    const at = this.#stages.findIndex((stage) => stage.entry === entry);
    const stage = this.#stages[at];
    if (!stage) return;
    const before = this.#stages[at - 1];
    if (before) before.next = stage.next;
    this.#stages.splice(at, 1);
    stage.remove();
    if (stage.closed) this.#cut = true;
    this.relieved();
  }

  /** As the last sink: what came through all toxics. */
  accept(piece: Piece): void {
    this.#write(piece.bytes);
  }

  /** As the last sink: the stream is over. Both directions of the destination are closed, as Toxiproxy does. */
  end(): void {
    if (this.#dead || this.#ended) return;
    this.#ended = true;
    if (this.#dest.writableLength === 0) this.#dest.destroy();
    else this.#dest.destroySoon();
  }

  relieved(): void {
    if (!this.#paused || this.#dead || this.#congested()) return;
    this.#paused = false;
    this.#resuming = true;
    // By then the system has been asked once for what there is to read, however late the process was.
    setImmediate(() => setImmediate(this.#resumed));
    this.#source.resume();
  }

  readonly #resumed = (): void => {
    this.#resuming = false;
  };

  reset(): void {
    this.#onReset();
  }

  #write(bytes: Buffer): void {
    if (this.#dead || this.#ended) return;
    this.#traffic.sentBytes += bytes.length;
    this.#dest.write(bytes);
  }

  /**
   * Nothing more should be read for now. What waits at a toxic may also take up the room of the toxics before it.
   * Otherwise a rate behind a latency would drain before the source is read again, and then idle for the whole latency.
   */
  #congested(): boolean {
    if (this.#ended || this.#cut || this.#dest.writableNeedDrain) return true;
    let room = 0;
    for (const stage of this.#stages) {
      if (stage.closed) return true;
      room += stage.capacity - stage.waiting;
      if (stage.holding && room <= 0) return true;
    }
    return false;
  }
}
