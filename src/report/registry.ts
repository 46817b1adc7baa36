import { csvReporter } from "./formats/csv.js";
import { jsonReporter } from "./formats/json.js";
import { junitReporter } from "./formats/junit.js";
import { prometheusReporter } from "./formats/prometheus.js";
import { verdictReporter } from "./formats/verdict.js";
import { htmlReporter } from "./html/html.js";
import { markdownReporter } from "./markdown/markdown.js";
import type { FileReporter } from "./reporter.js";

/** Every format that --reporter knows, in the order of --help. */
export const REPORTERS: readonly FileReporter[] = [
  jsonReporter,
  htmlReporter,
  markdownReporter,
  junitReporter,
  csvReporter,
  prometheusReporter,
  verdictReporter,
];

/** What a run writes by default. */
export const DEFAULT_REPORTERS: readonly FileReporter[] = [
  jsonReporter,
  htmlReporter,
  markdownReporter,
  junitReporter,
];
