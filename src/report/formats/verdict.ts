import { verdictDocument } from "../../analysis/document/verdict-document.js";
import { harmlessJson } from "../../support/printable.js";
import type { FileReporter } from "../reporter.js";

/** verdict.json: the verdict alone. Its schema is schema/verdict.schema.json. */
export const verdictReporter: FileReporter = {
  name: "verdict",
  fileName: "verdict.json",
  mime: "application/json",
  purpose: "the verdict alone, for delivery tools",
  render: ({ report }) => `${harmlessJson(verdictDocument(report))}\n`,
};
