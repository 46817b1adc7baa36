import type protobuf from "protobufjs";
import type { Complaint } from "../../../notation/complaint.js";
import { isMap } from "../../../quantities/valid-parts.js";
import type { RequestSaid } from "../../request-said.js";
import { hasSlots, literalText } from "../../template-text.js";
import { grpcComplaints } from "../complaints.js";
import type { AskedCall, GrpcRequest, ReflectedFiles } from "../grpc-request.js";
import { planReadCall } from "../plan-request.js";
import { readMethod } from "../proto/read-method.js";

export type CompletedCall =
  | { readonly kind: "call"; readonly call: GrpcRequest }
  | { readonly kind: "wrong"; readonly complaints: readonly Complaint[] };

export interface Definitions {
  readonly files: ReflectedFiles;
  readonly root: protobuf.Root;
}

/** Holds a call against what the target has said of its service, as one with a file is held against that. */
export function completeCall(
  { name, asks: { said, common } }: AskedCall,
  { files, root }: Definitions,
  rowsOf: RequestSaid["rowsOf"],
): CompletedCall {
  const read = readMethod(said, root, files, said.grpc.method);
  // The others were told with the rest of the scenario.
  const complaints = grpcComplaints(said, saidIn(said, rowsOf), read).filter(
    ({ code }) => code !== "suspicious",
  );
  if (complaints.length > 0) return { kind: "wrong", complaints };
  return { kind: "call", call: planReadCall(name, said, common, read) };
}

/** Names in lower case and values of metadata that are the same for each call, and the names of the others. */
export function fixedMetadata({ asks: { said, common } }: AskedCall): {
  readonly fixed: readonly (readonly [name: string, value: string])[];
  readonly varying: readonly string[];
} {
  const all = new Map(
    Object.entries({ ...common, ...said.grpc.metadata }).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    fixed: [...all].flatMap(([name, value]) =>
      hasSlots(value) ? [] : [[name, literalText(value)] as const],
    ),
    varying: [...all].flatMap(([name, value]) => (hasSlots(value) ? [name] : [])),
  };
}

/** A request without mistakes in its form. */
function saidIn(said: unknown, rowsOf: RequestSaid["rowsOf"]): RequestSaid {
  const has = (...path: readonly (string | number)[]) => {
    let at: unknown = said;
    for (const key of path) {
      if (Array.isArray(at)) at = at[Number(key)];
      else at = isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    return at !== undefined;
  };
  return {
    has,
    lacks: (...path) => !has(...path),
    isUnclear: () => false,
    scalars: () => [],
    target: null,
    rowsOf,
  };
}
