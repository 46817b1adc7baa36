/** The status codes of gRPC, each at its number. */
export const GRPC_STATUSES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

export type GrpcStatus = (typeof GRPC_STATUSES)[number];

/** "UNAVAILABLE". @returns null for a number that is no status. */
export function grpcStatusName(code: number): GrpcStatus | null {
  return GRPC_STATUSES[code] ?? null;
}

export function grpcStatusCode(name: GrpcStatus): number {
  return GRPC_STATUSES.indexOf(name);
}

/** A status of HTTP or of gRPC: "302", "14 (UNAVAILABLE)". HTTP has none below 100. */
export function statusShown(status: number): string {
  const name = grpcStatusName(status);
  return name === null ? String(status) : `${status} (${name})`;
}
