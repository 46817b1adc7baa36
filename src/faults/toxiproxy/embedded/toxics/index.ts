import type { ToxicType } from "../stream/toxic.js";
import { bandwidth } from "./bandwidth.js";
import { latency } from "./latency.js";
import { limitData } from "./limit_data.js";
import { noop } from "./noop.js";
import { packetLoss } from "./packet_loss.js";
import { resetPeer } from "./reset_peer.js";
import { slicer } from "./slicer.js";
import { slowClose } from "./slow_close.js";
import { timeout } from "./timeout.js";

/** Every toxic the embedded server knows, by the name that clients use. */
export const TOXIC_TYPES: ReadonlyMap<string, ToxicType> = new Map(
  [bandwidth, latency, limitData, noop, packetLoss, resetPeer, slicer, slowClose, timeout].map(
    (type): [string, ToxicType] => [type.type, type],
  ),
);
