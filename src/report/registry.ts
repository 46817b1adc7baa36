import { jsonReporter } from "./json.js";
import type { Reporter } from "./reporter.js";

/** Every format that --reporter knows, in the order of --help. */
export const REPORTERS: readonly Reporter[] = [jsonReporter];
