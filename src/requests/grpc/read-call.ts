import type { Complaint, Mistake } from "../../notation/complaint.js";
import type { GrpcMethod, ProtoFiles, ReflectedFiles } from "./grpc-request.js";
import type { TypedSlot } from "./typed-slot.js";

/** What a call comes to with the definitions of its messages. Plain data: the parser stays where it was used. */
export interface ReadCall {
  readonly protos: ProtoFiles | ReflectedFiles;
  /** null: there is no such method, which `complaints` say. */
  readonly method: GrpcMethod | null;
  readonly complaints: readonly Complaint[];
  /** Texts with ${…} that stand for something else than text. */
  readonly slots: readonly TypedSlot[];
  /** JSON paths into the answer. */
  readonly paths: readonly KnownPath[];
}

/** A path as it is written, and with the names that the JSON of a message has. */
export type KnownPath = { readonly written: string } & (
  | { readonly path: string }
  | { readonly mistake: Mistake }
);
