import { formatAddress } from "../../../support/address.js";
import { FaultlineError, messageOf } from "../../../support/errors.js";
import { type BoundedAnswer, boundedRequest, NoAnswer } from "../../../support/outside/bounded-request.js";
import { oneLine } from "../../../support/printable.js";
import { isRecord } from "../../../support/processes/read-back.js";
import { wholeOrSize } from "../../../support/secrets/said.js";
import { type EngineAccess, engineAddressOf, engineTls } from "./engine-access.js";

/** The longest list that is read: some ten thousand containers. */
const MOST_BYTES = 32 * 1024 * 1024;
/** An error of a container's runtime holds those of all that it called. */
const LONGEST_TEXT = 1_000;

/** What an engine is asked. */
export interface EngineCall {
  readonly method: "GET" | "POST";
  /** With the version in front, without a query: "/v1.44/containers/json". */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

/** The engine has answered that it will not do it. The message ends with its own words. */
export class DockerRefusal extends FaultlineError {
  readonly status: number;

  constructor(status: number, message: string) {
    super("DOCKER_REFUSED", message);
    this.status = status;
  }
}

export function isRefusal(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof DockerRefusal && statuses.includes(error.status);
}

/**
 * Asks once.
 * @returns the JSON of the answer to a GET; null where it has none.
 * @throws FaultlineError DOCKER_UNREACHABLE: there was no whole answer, or it was not of an engine. DockerRefusal.
 */
export async function callEngine(access: EngineAccess, call: EngineCall): Promise<unknown> {
  const answer = await askedOnce(access, call);
  const { status } = answer;
  // Of a deed only the status counts. Podman answers some with a word that is no JSON.
  if (call.method === "POST" && status >= 200 && status < 300) return null;
  if (answer.isCut) throw unreachable(access, `its answer is longer than ${MOST_BYTES / 1024 ** 2} MiB`);
  const text = answer.body.toString("utf8");
  const content = text.trim() === "" ? null : jsonOf(text);
  if (status >= 200 && status < 300 && content !== NO_JSON) return content;
  if (status === 304)
    throw new DockerRefusal(
      status,
      `the Docker engine has nothing to do for ${nameOf(call)}: it is so already (304)`,
    );
  if (status >= 400 && isRecord(content) && typeof content.message === "string") {
    throw new DockerRefusal(
      status,
      `the Docker engine refuses ${nameOf(call)}: ${said(content.message)} (${status})`,
    );
  }
  // A proxy before an engine refuses with a page of its own.
  if (status === 401 || status === 403)
    throw new DockerRefusal(
      status,
      `what stands before the Docker engine forbids ${nameOf(call)} (${status})`,
    );
  throw unreachable(access, `its answer to ${nameOf(call)} is none of a Docker engine (${status})`);
}

async function askedOnce(access: EngineAccess, call: EngineCall): Promise<BoundedAnswer> {
  const { method, path, query = {}, body, timeoutMs } = call;
  const at = engineAddressOf(access);
  const asked = new URLSearchParams(query).toString();
  const place =
    at.kind === "unix" ? "http://localhost" : `${at.isTls ? "https" : "http"}://${formatAddress(at.address)}`;
  try {
    return await boundedRequest(`${place}${path}${asked === "" ? "" : `?${asked}`}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      tls: at.kind === "tcp" && at.isTls ? engineTls(access) : null,
      socketPath: at.kind === "unix" ? at.path : null,
      timeoutMs,
      mostBytes: MOST_BYTES,
    });
  } catch (error) {
    if (error instanceof NoAnswer) throw unreachable(access, messageOf(error));
    // Node throws at once what it cannot read of a key or a certificate.
    if (error instanceof FaultlineError || access.certs === null) throw error;
    throw unreachable(access, `the certificates in ${access.certs} cannot be used: ${messageOf(error)}`);
  }
}

function unreachable({ host }: EngineAccess, why: string): FaultlineError {
  return new FaultlineError("DOCKER_UNREACHABLE", `the Docker engine at ${host} cannot be asked: ${why}`);
}

const NO_JSON = Symbol("no JSON");

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NO_JSON;
  }
}

/** "POST /containers/4f…/kill", without the version. */
function nameOf({ method, path }: EngineCall): string {
  return `${method} ${path.replace(/^\/v[\d.]+/, "").replace(/[0-9a-f]{64}/, (id) => id.slice(0, 12))}`;
}

function said(text: string): string {
  return oneLine(wholeOrSize(text, LONGEST_TEXT));
}
