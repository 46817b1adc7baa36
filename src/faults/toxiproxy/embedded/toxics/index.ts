import type { ToxicType } from "../stream/toxic.js";
import { bandwidthToxic } from "./bandwidth.js";
import { latencyToxic } from "./latency.js";
import { limitDataToxic } from "./limit_data.js";
import { noopToxic } from "./noop.js";
import { packetLossToxic } from "./packet_loss.js";
import { resetPeerToxic } from "./reset_peer.js";
import { slicerToxic } from "./slicer.js";
import { slowCloseToxic } from "./slow_close.js";
import { timeoutToxic } from "./timeout.js";

/** Every toxic the embedded server knows, by the name that clients use. */
export const TOXIC_TYPES: ReadonlyMap<string, ToxicType> = new Map(
  [
    bandwidthToxic,
    latencyToxic,
    limitDataToxic,
    noopToxic,
    packetLossToxic,
    resetPeerToxic,
    slicerToxic,
    slowCloseToxic,
    timeoutToxic,
  ].map((type): [string, ToxicType] => [type.type, type]),
);
