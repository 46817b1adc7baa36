import { grpcStatusCode } from "../../../../support/names/grpc-status.js";
import type { HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import type { GrpcRule } from "../../../kinds/grpc/grpc-rule.js";

/** An answer of ours: it has trailers alone, as a server's that refuses a call. */
export function ownStatus({ status = "UNKNOWN", message, trailers = {} }: GrpcRule): HeaderList {
  const fields = [
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-status", String(grpcStatusCode(status))],
    ...(message === undefined ? [] : [["grpc-message", percentEncoded(message)]]),
    ...Object.entries(trailers).map(([name, value]) => [name.toLowerCase(), value]),
  ];
  return { fields: fields.flat(), secrets: [] };
}

/** As gRPC wants it: all but the visible characters of ASCII, and `%`. */
function percentEncoded(message: string): string {
  const octets = [...Buffer.from(message)];
  return octets
    .map((octet) =>
      octet >= 0x20 && octet <= 0x7e && octet !== 0x25
        ? String.fromCharCode(octet)
        : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}
