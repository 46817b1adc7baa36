import type { Complaint } from "../../notation/complaint.js";
import { jsonPathMistake } from "../../notation/json-path.js";
import { regexMistake } from "../../notation/regex.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import type { RequestSaid } from "../request-said.js";
import type { HttpRequestInput } from "./keys.js";

const CAPTURE_FORMS = "one of `json`, `header` and `regex`, or `header` with `regex`";

/** What is wrong with what a step takes from its answer. */
export function captureComplaints(
  captures: ValidParts<NonNullable<HttpRequestInput["capture"]>>,
  said: RequestSaid,
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const [name, capture] of Object.entries(captures)) {
    if (!capture) continue;
    const given = (["json", "header", "regex"] as const).filter((key) => !said.lacks("capture", name, key));
    const isOne = given.length === 1 || (given.length === 2 && !given.includes("json"));
    if (!isOne && !said.isUnclear("capture", name)) {
      const message = `a capture has ${CAPTURE_FORMS}`;
      const help = "Beside `header` a `regex` looks at that header's value, else at the body.";
      complaints.push({ code: "conflict", path: [name], at: "key", message, help });
    }
    const ofPath = capture.json === undefined ? null : jsonPathMistake(capture.json);
    if (ofPath !== null)
      complaints.push({ code: "wrong-value", path: [name, "json"], at: "value", ...ofPath });
    const ofPattern = capture.regex === undefined ? null : regexMistake(capture.regex);
    if (ofPattern !== null)
      complaints.push({ code: "wrong-value", path: [name, "regex"], at: "value", ...ofPattern });
  }
  return complaints;
}
