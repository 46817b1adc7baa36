import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { RequestSaid } from "../../request-said.js";
import { hasSlots } from "../../template-text.js";
import type { HttpRequestInput } from "../keys.js";

const BODIES = ["json", "body", "form", "multipart"] as const;

/** What is wrong with the body of a request. */
export function bodyComplaints(
  { method, body, multipart = [], headers = {} }: ValidParts<HttpRequestInput>,
  said: RequestSaid,
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const [first, second] = BODIES.filter((key) => said.has(key));
  if (second) {
    const message = "a request has one body: `json`, `body`, `form` or `multipart`";
    complaints.push({ code: "conflict", path: [second], at: "key", message });
  }
  const sentBy = method?.toUpperCase();
  if (first && (sentBy === "GET" || sentBy === "HEAD") && !said.isUnclear()) {
    const help = said.has("method")
      ? `Servers may ignore the body of a ${sentBy} request, or refuse it.`
      : "Without `method` it is a GET: give method: POST, or the one that is meant.";
    const message = `\`${first}\` is the body of a ${sentBy} request`;
    complaints.push({ code: "suspicious", path: [first], at: "key", message, help });
  }
  const files = [
    [["body", "file"], typeof body === "object" ? body.file : undefined] as const,
    ...multipart.map((part, index) => [["multipart", index, "file"], part?.file] as const),
  ];
  return [
    ...complaints,
    ...files.flatMap(([path, file]) => (file !== undefined && hasSlots(file) ? [fixedFile(path)] : [])),
    ...multipart.flatMap((_, index) => fieldComplaints(index, said)),
    ...(said.has("multipart") ? typeComplaints(headers) : []),
  ];
}

function fixedFile(path: Complaint["path"]): Complaint {
  const message = "the file is the same for all requests: it is read before the run";
  const help = "For one of several files write a request for each, with a `weight`.";
  return { code: "wrong-value", path, at: "value", message, help };
}

function fieldComplaints(index: number, said: RequestSaid): readonly Complaint[] {
  const at = ["multipart", index] as const;
  const hasBoth = said.has(...at, "value") && said.has(...at, "file");
  const hasNone = said.lacks(...at, "value") && said.lacks(...at, "file");
  if (!hasBoth && !hasNone) return [];
  const message = "a field of a form has either `value` or `file`";
  return [{ code: "conflict", path: hasBoth ? [...at, "file"] : at, at: "key", message }];
}

/** Nobody but faultline knows the boundary. */
function typeComplaints(headers: ValidParts<Readonly<Record<string, string>>>): readonly Complaint[] {
  return Object.keys(headers)
    .filter((name) => name.toLowerCase() === "content-type")
    .map((name) => ({
      code: "conflict",
      path: ["headers", name],
      at: "key",
      message: `\`${name}\` of a form with \`multipart\` is set by faultline itself`,
      help: "Leave it out: it says what stands between the fields.",
    }));
}
