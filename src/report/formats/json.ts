import { harmlessJson } from "../../support/printable.js";
import type { FileReporter } from "../reporter.js";

/** report.json: the Report itself, for programs. Its schema is schema/report.schema.json. */
export const jsonReporter: FileReporter = {
  name: "json",
  fileName: "report.json",
  mime: "application/json",
  purpose: "everything that was judged, for programs",
  render: ({ report }) => `${harmlessJson(report)}\n`,
};
