import type { Piece, Settings, Toxic, ToxicLine, ToxicType } from "../stream/toxic.js";

type Attribute = "bytes";

/** Ends the stream after exactly `bytes` bytes, counted from when the toxic met this connection. */
class LimitData implements Toxic {
  #passed = 0;

  constructor(private readonly settings: Settings<Attribute>) {}

  take(piece: Piece, line: ToxicLine): void {
    const left = Math.max(0, this.settings.bytes - this.#passed);
    const bytes = piece.bytes.subarray(0, left);
    this.#passed += bytes.length;
    if (bytes.length > 0) line.send({ ...piece, bytes });
    if (this.#passed < this.settings.bytes) return;
    line.acted();
    line.close();
  }
}

export const limitDataToxic: ToxicType<Attribute> = {
  type: "limit_data",
  attributes: ["bytes"],
  create: (settings) => new LimitData(settings),
};
