import { parseJsonPath } from "../../notation/json-path.js";
import { type QueryMistake, signalKind } from "./signal-kind.js";

export const jsonPage = signalKind({
  key: "http",
  description:
    "A page that answers with JSON, or with one number: `bad`, `total` and `value` are JSON paths.",
  sample: "http://127.0.0.1:3000/stats",
  needsQuery: false,
  hasOwnTimes: false,
  mistakesIn: jsonPathMistakes,
});

export function jsonPathMistakes(query: string): readonly QueryMistake[] {
  return parseJsonPath(query) === null ? [{ message: "expected a JSON path such as $.queue.depth" }] : [];
}
