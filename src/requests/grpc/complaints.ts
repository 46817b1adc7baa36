import type { Complaint, Mistake } from "../../notation/complaint.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { jsonComplaints, textComplaints } from "../answers/expectation-complaints.js";
import type { RequestSaid } from "../request-said.js";
import { hasSlots } from "../template-text.js";
import type { GrpcRequestInput } from "./keys.js";
import { metadataComplaints } from "./metadata-complaints.js";
import type { ReadCall } from "./read-call.js";
import { slotComplaints } from "./slot-complaints.js";

/** What is wrong with a call, or suspicious. `call`: what its files say of it. null: they could not be read. */
export function grpcComplaints(
  request: ValidParts<GrpcRequestInput>,
  said: RequestSaid,
  call: ReadCall | null,
): readonly Complaint[] {
  return [
    ...fixedComplaints(request),
    ...importsComplaints(said),
    ...(call?.complaints ?? []),
    ...slotComplaints(call?.slots ?? [], said),
    ...messagesComplaints(said, call),
    ...streamComplaints(request, call),
    ...under(["grpc", "metadata"], metadataComplaints(request.grpc?.metadata ?? {})),
    ...answerComplaints(request, "expect", said, call),
    ...answerComplaints(request, "degraded", said, call),
    ...under(["capture"], captureComplaints(request.capture ?? {}, said, call)),
  ];
}

function under(path: Complaint["path"], complaints: readonly Complaint[]): readonly Complaint[] {
  return complaints.map((complaint) => ({ ...complaint, path: [...path, ...complaint.path] }));
}

/** The files and the method are the same for all requests. */
function fixedComplaints({ grpc }: ValidParts<GrpcRequestInput>): readonly Complaint[] {
  const { proto = "", method = "", imports = [] } = grpc ?? {};
  const texts: readonly (readonly [text: string, path: Complaint["path"]])[] = [
    [proto, ["grpc", "proto"]],
    [method, ["grpc", "method"]],
    ...imports.map((folder, index) => [folder ?? "", ["grpc", "imports", index]] as const),
  ];
  return texts
    .filter(([text]) => hasSlots(text))
    .map(([, path]) => ({ code: "wrong-value", path, at: "value", message: FIXED, help: FIXED_HELP }));
}

function importsComplaints(said: RequestSaid): readonly Complaint[] {
  if (!said.has("grpc", "imports") || !said.lacks("grpc", "proto")) return [];
  const message = "`imports` needs `proto`: without a file the target gives all that its files import";
  return [{ code: "conflict", path: ["grpc", "imports"], at: "key", message }];
}

const FIXED = "values of each request cannot stand here";
const FIXED_HELP = "They may stand in `message`, `messages` and `metadata`.";

function messagesComplaints(said: RequestSaid, call: ReadCall | null): readonly Complaint[] {
  const both = said.has("grpc", "message") && said.has("grpc", "messages");
  if (both) {
    const message = "`message` and `messages` are given; give one";
    return [{ code: "conflict", path: ["grpc", "messages"], at: "key", message }];
  }
  const method = call?.method;
  if (!method || method.takesStream || !said.has("grpc", "messages")) return [];
  const message = `${method.path.slice(1)} takes one message, and no stream of them`;
  const help = "Write it as `message:`.";
  return [{ code: "conflict", path: ["grpc", "messages"], at: "key", message, help }];
}

function streamComplaints(
  { stream }: ValidParts<GrpcRequestInput>,
  call: ReadCall | null,
): readonly Complaint[] {
  if (stream === undefined) return [];
  const { firstEvent, within } = stream;
  if (firstEvent && within && firstEvent.ms > within.ms) {
    return [
      { code: "conflict", path: ["stream", "firstEvent"], at: "value", message: "`within` is over before" },
    ];
  }
  const method = call?.method;
  if (!method || method.givesStream) return [];
  const message = `${method.path.slice(1)} gives one message, and no stream of them`;
  return [{ code: "conflict", path: ["stream"], at: "key", message, help: "Take stream away." }];
}

function answerComplaints(
  request: ValidParts<GrpcRequestInput>,
  key: "expect" | "degraded",
  said: RequestSaid,
  call: ReadCall | null,
): readonly Complaint[] {
  const answer = request[key];
  return [
    ...jsonComplaints(answer?.message, [key, "message"], (written) => mistakeOf(written, call)),
    ...textComplaints(answer?.metadata, [key, "metadata"]),
    ...statusComplaints(answer?.grpc, key, said),
  ];
}

/** Only OK comes with a message. */
function statusComplaints(
  statuses: NonNullable<ValidParts<GrpcRequestInput>["expect"]>["grpc"],
  key: "expect" | "degraded",
  said: RequestSaid,
): readonly Complaint[] {
  const wanted = statuses === undefined ? ["OK"] : [statuses].flat();
  if (wanted.includes("OK") || !said.has(key, "message")) return [];
  const message = "`message` is never found: only OK comes with a message";
  return [{ code: "suspicious", path: [key, "message"], at: "key", message }];
}

function mistakeOf(written: string, call: ReadCall | null): Mistake | null {
  const known = call?.paths.find((one) => one.written === written);
  return known !== undefined && "mistake" in known ? known.mistake : null;
}

function captureComplaints(
  captures: ValidParts<NonNullable<GrpcRequestInput["capture"]>>,
  said: RequestSaid,
  call: ReadCall | null,
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const [name, capture] of Object.entries(captures)) {
    if (!capture) continue;
    const given = (["message", "metadata"] as const).filter((key) => !said.lacks("capture", name, key));
    if (given.length !== 1 && !said.isUnclear("capture", name)) {
      const message = "a capture has one of `message` and `metadata`";
      complaints.push({ code: "conflict", path: [name], at: "key", message });
    }
    const mistake = capture.message === undefined ? null : mistakeOf(capture.message, call);
    if (mistake !== null)
      complaints.push({ code: "wrong-value", path: [name, "message"], at: "value", ...mistake });
  }
  return complaints;
}
