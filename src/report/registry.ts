import { csvReporter } from "./csv.js";
import { htmlReporter } from "./html/html.js";
import { jsonReporter } from "./json.js";
import { junitReporter } from "./junit.js";
import { markdownReporter } from "./markdown.js";
import { prometheusReporter } from "./prometheus.js";
import type { FileReporter } from "./reporter.js";

/** Every format that --reporter knows, in the order of --help. */
export const REPORTERS: readonly FileReporter[] = [
  jsonReporter,
  htmlReporter,
  markdownReporter,
  junitReporter,
  csvReporter,
  prometheusReporter,
];

/** What a run writes when nobody asks for anything else. */
export const DEFAULT_REPORTERS: readonly FileReporter[] = [
  jsonReporter,
  htmlReporter,
  markdownReporter,
  junitReporter,
];
