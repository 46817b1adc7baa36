import type { Random } from "../../../../support/random.js";
import type { Piece, Settings, Toxic, ToxicLine, ToxicType } from "../stream/toxic.js";

type Attribute = "loss_rate" | "correlation";

/**
 * Drops pieces of the stream, each with the probability `loss_rate`, and by `correlation` more right after a drop. What
 * was dropped is never sent again: this is a stream with holes, and no loss of packets as TCP mends it. As on the real
 * server, the connection lives on when the toxic goes.
 */
class PacketLoss implements Toxic {
  #hasDroppedLast = false;

  constructor(
    private readonly settings: Settings<Attribute>,
    private readonly random: Random,
  ) {}

  take(piece: Piece, line: ToxicLine): void {
    const { loss_rate: rate, correlation } = this.settings;
    const share = asShare(rate) + (this.#hasDroppedLast ? asShare(correlation) : 0);
    this.#hasDroppedLast = this.random() < share;
    if (this.#hasDroppedLast) line.acted();
    else line.send(piece);
  }
}

/** Values outside of 0..1 are kept as they were given, and act as the nearest one inside. */
function asShare(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

export const packetLossToxic: ToxicType<Attribute> = {
  type: "packet_loss",
  attributes: ["loss_rate", "correlation"],
  fractions: ["loss_rate", "correlation"],
  create: (settings, random) => new PacketLoss(settings, random),
};
