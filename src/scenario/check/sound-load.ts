import type { Sound } from "../../quantities/sound-parts.js";
import type { LoadInput } from "../schema/load.js";

/** `load:` as far as it is well formed. */
export type SoundLoad = Sound<LoadInput>;
