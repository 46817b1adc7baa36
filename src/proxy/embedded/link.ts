import type { Socket } from "node:net";
import type { Random } from "../../support/random.js";
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
  /** The end has gone out to the destination: nothing may follow it. */
  #ended = false;
  #dead = false;
  #paused = false;

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

  /** Bytes were read from the source. The buffer is the link's own from here on. */
  read(bytes: Buffer): void {
    this.#traffic.receivedBytes += bytes.length;
    this.#traffic.reads++;
    if (this.#dead) return;
    const first = this.#stages[0];
    if (first) first.accept({ bytes, atMs: performance.now() });
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

  /** The destination is gone: what is on its way is dropped and nothing more is read. */
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
    this.#source.resume();
  }

  reset(): void {
    this.#onReset();
  }

  #write(bytes: Buffer): void {
    if (this.#dead || this.#ended) return;
    this.#traffic.sentBytes += bytes.length;
    this.#dest.write(bytes);
  }

  #congested(): boolean {
    if (this.#ended || this.#dest.writableNeedDrain) return true;
    for (const stage of this.#stages) if (stage.full) return true;
    return false;
  }
}
