import type { Pair, Speech } from "../../between/gateway/paired-connection.js";
import { isPreface } from "../../between/h2-relay/preface.js";
import type { LaneReader } from "../../between/lane.js";

/** What may be spoken on a connection. */
export interface Versions {
  http1(pair: Pair): Speech;
  http2(pair: Pair): Speech;
}

const FRAME_TYPE = 3;
const SETTINGS = 4;

/** Waits for what tells HTTP/2 from HTTP/1: the client's first bytes, or the upstream's where that speaks first. */
export class FirstBytes implements Speech {
  readonly #pair: Pair;
  readonly #versions: Versions;
  #speech: Speech | null = null;
  #begin = Buffer.alloc(0);
  readonly requests: LaneReader = {
    read: (bytes) => this.#fromClient(bytes),
    endSeen: () => this.#speech?.requests.endSeen(),
    ended: () => this.#known(false).requests.ended(),
  };
  readonly answers: LaneReader = {
    read: (bytes) => this.#known(isSettings(bytes)).answers.read(bytes),
    endSeen: () => this.#speech?.answers.endSeen(),
    ended: () => this.#known(false).answers.ended(),
  };

  constructor(pair: Pair, versions: Versions) {
    this.#pair = pair;
    this.#versions = versions;
  }

  sideClosed(side: "client" | "upstream", isReset: boolean): boolean {
    return this.#speech?.sideClosed(side, isReset) ?? true;
  }

  rulesGone(): void {
    this.#speech?.rulesGone();
  }

  closed(): void {
    this.#speech?.closed();
  }

  #fromClient(bytes: Buffer): void {
    if (this.#speech) {
      this.#speech.requests.read(bytes);
      return;
    }
    this.#begin = Buffer.concat([this.#begin, bytes]);
    const isHttp2 = isPreface(this.#begin);
    if (isHttp2 !== null) this.#known(isHttp2);
  }

  /** @returns what is spoken; it is this from now on, where it was not known. */
  #known(isHttp2: boolean): Speech {
    if (this.#speech) return this.#speech;
    const { http1, http2 } = this.#versions;
    const speech = isHttp2 ? http2(this.#pair) : http1(this.#pair);
    this.#speech = speech;
    if (this.#begin.length > 0) speech.requests.read(this.#begin);
    return speech;
  }
}

/** A server of HTTP/2 may begin before its client has. */
function isSettings(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes[FRAME_TYPE] === SETTINGS;
}
