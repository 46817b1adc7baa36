import type { Complaint } from "../../notation/complaint.js";
import { jsonPathMistake } from "../../notation/json-path.js";
import { regexMistake } from "../../notation/regex.js";
import { parseReference, parseTemplate, ReferenceProblem, TemplateError } from "../../notation/template.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { conditionComplaints, isConditions, jsonComplaints } from "../answers/expectation-complaints.js";
import type { RequestSaid, WrittenScalar } from "../request-said.js";
import { roundedComplaints } from "../rounded-numbers.js";
import { hasSlots } from "../template-text.js";
import { mayStandInFrame } from "./close-codes.js";
import type { MessageInput } from "./keys.js";

type Path = Complaint["path"];
export type MessageParts = ValidParts<MessageInput>;

/** What is wrong with an entry for a message that has to come. */
export function receivedComplaints(
  message: MessageParts,
  form: "expect" | "until",
  at: Path,
  said: RequestSaid,
): readonly Complaint[] {
  const place = [...at, form];
  const { close } = message[form] ?? {};
  const complaints: Complaint[] = [];
  if (close !== undefined) {
    const others = [
      ...["text", "json", "binary"].map((key) => [...place, key]),
      ...["count", "capture", "degraded"].map((key) => [...at, key]),
    ].filter((path) => said.has(...path));
    for (const path of others) {
      const text = `\`close\` is the end of the connection: it has no \`${path.at(-1)}\``;
      complaints.push({ code: "conflict", path, at: "key", message: text });
    }
    if (!mayStandInFrame(close)) {
      complaints.push({
        code: "wrong-value",
        path: [...place, "close"],
        at: "value",
        message: `no server may close a connection with the code ${close}, so it would never come`,
        help: "Codes of RFC 6455 are 1000 to 1003 and 1007 to 1014; those of an application are 3000 to 4999.",
      });
    }
  }
  return [
    ...complaints,
    ...expectationComplaints(message[form], place, said),
    ...expectationComplaints(message.degraded, [...at, "degraded"], said),
    ...captureComplaintsOf(message.capture ?? {}, [...at, "capture"], said),
  ];
}

/** What is wrong with conditions on a message. */
function expectationComplaints(
  { text, json }: NonNullable<MessageParts["expect" | "degraded"]> = {},
  place: Path,
  said: RequestSaid,
): readonly Complaint[] {
  return [
    ...said.scalars(...place).flatMap((scalar) => slotComplaints(scalar, place)),
    ...(isConditions(text) ? conditionComplaints(text, [...place, "text"]) : []),
    ...jsonComplaints(json, [...place, "json"], jsonPathMistake),
    ...roundedComplaints(said, [...place, "json"], "`text:` looks for a text in the message as it came."),
  ];
}

/** Where values of each request stand that none could be held against. */
function slotComplaints({ path, value }: WrittenScalar, place: Path): readonly Complaint[] {
  if (typeof value !== "string" || !hasSlots(value)) return [];
  const [key, ...rest] = path.slice(place.length);
  const condition = key === "json" ? rest[1] : rest[0];
  if (condition !== undefined && condition !== "equals" && condition !== "not") {
    const message = "values of each request cannot stand here";
    const help = "In what is expected they may stand in texts, `equals` and `not`.";
    return [{ code: "wrong-value", path, at: "value", message, help }];
  }
  const drawn = kindsIn(value).find((kind) => kind === "uuid" || kind === "random_int");
  if (drawn === undefined) return [];
  const name = drawn === "uuid" ? "uuid" : "random.int(…)";
  const message = `\`\${${name}}\` is drawn anew at each place: no message would have this value`;
  const help = "`${seq}`, `${data.…}` and `${capture.…}` are the same in all of an exchange.";
  return [{ code: "wrong-value", path, at: "value", message, help }];
}

/** [] when the template already has a complaint. */
function kindsIn(template: string): readonly string[] {
  try {
    return parseTemplate(template).flatMap((part) =>
      part.kind === "slot" ? [parseReference(part.expression).kind] : [],
    );
  } catch (error) {
    if (error instanceof TemplateError || error instanceof ReferenceProblem) return [];
    throw error;
  }
}

function captureComplaintsOf(
  captures: ValidParts<NonNullable<MessageInput["capture"]>>,
  at: Path,
  said: RequestSaid,
): readonly Complaint[] {
  return Object.entries(captures).flatMap(([name, capture]): readonly Complaint[] => {
    if (!capture) return [];
    const path = [...at, name];
    const [hasJson, hasRegex] = [said.has(...path, "json"), said.has(...path, "regex")];
    if (hasJson === hasRegex && !said.isUnclear(...path)) {
      return [{ code: "conflict", path, at: "key", message: "a capture has either `json` or `regex`" }];
    }
    const ofPath = capture.json === undefined ? null : jsonPathMistake(capture.json);
    const ofPattern = capture.regex === undefined ? null : regexMistake(capture.regex);
    return [
      ...(ofPath === null
        ? []
        : [{ code: "wrong-value", path: [...path, "json"], at: "value", ...ofPath } as const]),
      ...(ofPattern === null
        ? []
        : [{ code: "wrong-value", path: [...path, "regex"], at: "value", ...ofPattern } as const]),
    ];
  });
}
