import type { LoadInput } from "../schema/load.js";
import type { Sound } from "../schema/sound-parts.js";

/** `load:` as far as it is well formed. */
export type SoundLoad = Sound<LoadInput>;
