import type { Complaint } from "../../notation/complaint.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { expectationComplaints } from "../answers/expectation-complaints.js";
import { authComplaints } from "../authentication/auth-complaints.js";
import type { RequestSaid } from "../request-said.js";
import { roundedComplaints } from "../rounded-numbers.js";
import { bodyComplaints } from "./bodies/body-complaints.js";
import { captureComplaints } from "./capture-complaints.js";
import type { HttpRequestInput } from "./keys.js";
import { pathComplaints } from "./path-complaints.js";

/** What is wrong with a request, or suspicious. */
export function httpComplaints(
  request: ValidParts<HttpRequestInput>,
  said: RequestSaid,
): readonly Complaint[] {
  const { header: headers, ...degraded } = request.degraded ?? {};
  return [
    ...(request.path === undefined ? [] : pathComplaints(request.path, said)),
    ...bodyComplaints(request, said),
    ...authComplaints(request.auth, {
      headers: request.headers ?? {},
      has: (...path) => said.has(...path),
      isUnclear: (...path) => said.isUnclear(...path),
      rowsOf: (feed) => said.rowsOf(feed),
    }),
    ...headComplaints(request.method?.toUpperCase(), said),
    ...headerComplaints(request.headers ?? {}).map((complaint) => under("headers", complaint)),
    ...expectationComplaints(request.expect, ["expect"]),
    ...expectationComplaints({ headers, ...degraded }, ["degraded"], "header"),
    ...untilComplaints(request.until),
    ...streamComplaints(request, said),
    ...roundedComplaints(said, ["json"], "`body:` sends JSON as it is written; in quotes it is a text."),
    ...["expect", "degraded", "until"].flatMap((key) => roundedComplaints(said, [key, "json"], AS_IT_CAME)),
    ...captureComplaints(request.capture ?? {}, said).map((complaint) => under("capture", complaint)),
  ];
}

function untilComplaints(until: ValidParts<HttpRequestInput>["until"]): readonly Complaint[] {
  if (until === undefined) return [];
  const { every, within, ...conditions } = until;
  const wrong = expectationComplaints(conditions, ["until"]);
  if (every === undefined || within === undefined || every.ms <= within.ms) return wrong;
  const message = "it would never be asked again: `within` is over before";
  return [...wrong, { code: "conflict", path: ["until", "every"], at: "value", message }];
}

function streamComplaints(
  { stream, method, capture = {} }: ValidParts<HttpRequestInput>,
  said: RequestSaid,
): readonly Complaint[] {
  if (stream === undefined) return [];
  const { firstEvent, within } = stream;
  const ofBody = Object.entries(capture).find(([, from]) => from && from.header === undefined)?.[0];
  const looked = [
    ...["expect", "degraded"].flatMap((key) => ["body", "json"].map((part) => [key, part])),
    ["until"],
    ...(ofBody === undefined ? [] : [["capture", ofBody]]),
  ].find((path) => said.has(...path));
  return [
    ...(looked === undefined
      ? []
      : [
          {
            code: "conflict",
            path: looked,
            at: "key",
            message: `\`${looked.at(-1)}\` would look into a stream, which is not kept`,
            help: "Of a stream the status and the headers can be expected, and when its events come.",
          } as const,
        ]),
    ...(method?.toUpperCase() === "HEAD"
      ? [
          {
            code: "conflict",
            path: ["stream"],
            at: "key",
            message: "an answer to HEAD has no events",
          } as const,
        ]
      : []),
    ...(firstEvent && within && firstEvent.ms > within.ms
      ? [
          {
            code: "conflict",
            path: ["stream", "firstEvent"],
            at: "value",
            message: "`within` is over before",
          } as const,
        ]
      : []),
  ];
}

const AS_IT_CAME = "`body:` looks for a text in the answer as it came, such as '\"id\":9007199254740993'.";

function under(key: string, complaint: Complaint): Complaint {
  return { ...complaint, path: [key, ...complaint.path] };
}

/** An answer to HEAD has nothing that could be looked into but its status and its headers. */
function headComplaints(method: string | undefined, said: RequestSaid): readonly Complaint[] {
  if (method !== "HEAD") return [];
  const looked = [
    ["expect", "headers"],
    ["degraded", "header"],
    ["until", "headers"],
  ] as const;
  return looked.flatMap(([key, headers]): readonly Complaint[] => {
    const looksInto = ["body", "json"].find((part) => said.has(key, part));
    if (looksInto === undefined) return [];
    const message = `\`${looksInto}\` is never found: an answer to HEAD has no body`;
    const help = `Expect a \`status\` or \`${headers}\`, or use GET.`;
    return [{ code: "suspicious", path: [key, looksInto], at: "key", message, help }];
  });
}

/** Headers that the load generator sets from the request itself, and what to do instead. */
const OWN_HEADERS: ReadonlyMap<string, string> = new Map([
  ["content-length", "It is the length of the body that is sent: leave it out."],
  ["transfer-encoding", "A body is sent whole, with its content-length: leave it out."],
  ["connection", "Leave it out; load.keepAlive: false sends connection: close."],
]);

/** What is wrong with a map of headers. */
export function headerComplaints(
  headers: ValidParts<Readonly<Record<string, string>>>,
): readonly Complaint[] {
  return Object.entries(headers).flatMap(([name, value]): readonly Complaint[] => {
    const instead = OWN_HEADERS.get(name.toLowerCase());
    if (instead !== undefined) {
      const message = `\`${name}\` is set by faultline itself`;
      return [{ code: "conflict", path: [name], at: "key", message, help: instead }];
    }
    // A value of undefined is malformed.
    if (value === undefined || !/[^\t\x20-\x7e\x80-\xff]/.test(value.replace(/\$\{[^}]*\}/g, ""))) return [];
    const message = "a header's value is one line of Latin-1 characters";
    return [{ code: "wrong-value", path: [name], at: "value", message }];
  });
}
