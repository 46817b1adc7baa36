import { connect } from "node:http2";
import { Patience } from "../../support/clock.js";
import { lookupHost } from "../../support/lookup-host.js";
import { grpcStatusName } from "../../support/names/grpc-status.js";
import { networkProblem } from "../reach/tcp-probe.js";

const PREFIX_BYTES = 5;
/** The answer is a message of two bytes. */
const MOST_BYTES = 1_000;
const NO_ANSWER = "closed without answer";
/** Field 1 of the question, a text. */
const NAME_FIELD = 0x0a;
/** Field 1 of the answer, a number. */
const STATUS_FIELD = 0x08;
const SERVING = 1;
const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/**
 * Asks a server by grpc.health.v1.Health, with the service that the URL's path names, or about the whole server. Resolves with
 * null when it serves, else with why not. Never rejects.
 */
export function healthProblem(ready: URL, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const isTls = ready.protocol === "grpcs:";
    // A probe sends nothing that could leak, and services under test often use self-signed certificates.
    const session = connect(`${isTls ? "https" : "http"}://${ready.host}`, {
      lookup: lookupHost,
      ...(isTls ? { rejectUnauthorized: false } : {}),
    });
    const patience = new Patience(timeoutMs, () => done("no answer"));
    const done = (problem: string | null) => {
      patience.end();
      resolve(problem);
      session.destroy();
    };
    // The listeners also take the errors that destroying the session raises later.
    session.on("error", (error: NodeJS.ErrnoException) => done(networkProblem(error)));
    session.on("close", () => done(NO_ANSWER));
    const call = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let code: string | null = null;
    let isAnswered = false;
    call.on("response", (headers) => {
      isAnswered = true;
      if (headers[":status"] !== 200) done(`HTTP status ${headers[":status"]}`);
      code = statusIn(headers);
    });
    call.on("trailers", (trailers) => {
      code = statusIn(trailers);
    });
    call.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_BYTES) done("an answer that is none of the health service");
      else pieces.push(piece);
    });
    call.on("end", () => done(isAnswered ? problemOf(code, Buffer.concat(pieces)) : NO_ANSWER));
    call.on("error", (error: NodeJS.ErrnoException) => done(networkProblem(error)));
    call.end(question(decodeURIComponent(ready.pathname.slice(1))));
  });
}

function statusIn(headers: Readonly<Record<string, unknown>>): string | null {
  const value = headers["grpc-status"];
  return typeof value === "string" ? value : null;
}

/** A message with the service's name in field 1. An empty name asks about the whole server. */
function question(service: string): Buffer {
  const name = Buffer.from(service);
  const length = name.length < 128 ? [name.length] : [(name.length & 127) | 128, name.length >> 7];
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([NAME_FIELD, ...length]), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function problemOf(code: string | null, answer: Buffer): string | null {
  if (code === null) return "an answer without grpc-status";
  if (code !== "0") {
    const name = grpcStatusName(Number(code)) ?? code;
    return name === "UNIMPLEMENTED" ? "UNIMPLEMENTED: it has no grpc.health.v1.Health" : name;
  }
  const message = answer.subarray(PREFIX_BYTES);
  // A field that is not there has its default value.
  const status = message[0] === STATUS_FIELD ? (message[1] ?? 0) : 0;
  return status === SERVING ? null : (STATUSES[status] ?? `status ${status}`);
}
