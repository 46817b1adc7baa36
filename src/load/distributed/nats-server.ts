import { readFile } from "node:fs/promises";
import { connect, credsAuthenticator, errors, type NodeConnectionOptions } from "@nats-io/transport-node";
import { withDeadline } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { hostOf } from "../../support/hosts.js";
import { natsUrl, shownNatsUrl } from "./nats-url.js";

export type NatsServer = Awaited<ReturnType<typeof connect>>;

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_TIMEOUT_MS = 5_000;
/** A server that is started anew is looked for this often. What was sent meanwhile is sent again. */
const RECONNECT_MS = 100;
const LEAVE_MS = 500;
/** As servers are set when nobody has changed it. */
const USUAL_MOST_BYTES = 1024 * 1024;
/** A server that does not answer two of these in a row is gone. */
const PING_MS = 1_000;

export interface NatsOptions {
  readonly url: string;
  /** Has the credentials, under the names that NATS' own command line uses. */
  readonly env: Environment;
  /** Shown in the server's list of connections. */
  readonly name: string;
}

/**
 * Connects to a server of NATS, and again whenever the connection is lost.
 * @throws FaultlineError USAGE, FILE_NOT_FOUND, NATS_UNREACHABLE, NATS_UNAUTHORIZED.
 */
export async function connectToNats({ url, env, name }: NatsOptions): Promise<NatsServer> {
  const at = natsUrl(url);
  const options: NodeConnectionOptions = {
    servers: at.host,
    name,
    ...(await credentialsOf(at, env)),
    ...(await tlsOf(at, env)),
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS / 2,
    reconnectJitterTLS: RECONNECT_MS / 2,
    pingInterval: PING_MS,
    noAsyncTraces: true,
    // Those are other servers. The user has named this one, and a key may be left out for it alone.
    ignoreClusterUpdates: true,
  };
  try {
    return await connect(options);
  } catch (error) {
    const what = `the NATS server ${shownNatsUrl(at)}`;
    if (
      error instanceof errors.AuthorizationError ||
      error instanceof errors.UserAuthenticationExpiredError
    ) {
      throw new FaultlineError("NATS_UNAUTHORIZED", `${what} does not let this user in`, { cause: error });
    }
    const why = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
    throw new FaultlineError("NATS_UNREACHABLE", `${what} cannot be used: ${why}`, { cause: error });
  }
}

/** The largest message that the server takes. */
export function mostBytesOf({ info }: NatsServer): number {
  return info?.max_payload ?? USUAL_MOST_BYTES;
}

/** Ends the connection, with all that was sent under way. A server that is gone is not waited for. */
export async function leaveNats(nats: NatsServer): Promise<void> {
  const late = () => new Error("the server does not answer");
  await withDeadline(nats.flush(), LEAVE_MS, late).catch(() => {});
  await withDeadline(nats.close(), LEAVE_MS, late).catch(() => {});
}

async function credentialsOf(
  { username, password }: URL,
  env: Environment,
): Promise<Pick<NodeConnectionOptions, "user" | "pass" | "token" | "authenticator">> {
  if (username !== "") {
    const user = decodeURIComponent(username);
    return password === "" ? { token: user } : { user, pass: decodeURIComponent(password) };
  }
  if (env.NATS_CREDS)
    return { authenticator: credsAuthenticator(await fileOf("NATS_CREDS", env.NATS_CREDS)) };
  if (env.NATS_TOKEN) return { token: env.NATS_TOKEN };
  if (env.NATS_USER) return { user: env.NATS_USER, pass: env.NATS_PASSWORD ?? "" };
  return {};
}

/** Nothing: as the server wants it. */
async function tlsOf(
  at: URL,
  { NATS_CA, NATS_CERT, NATS_KEY }: Environment,
): Promise<Pick<NodeConnectionOptions, "tls">> {
  if (at.protocol !== "tls:" && !NATS_CA && !NATS_CERT) return {};
  const text = async (name: string, path: string | undefined) =>
    path ? (await fileOf(name, path)).toString("utf8") : undefined;
  const [ca, cert, key] = [
    await text("NATS_CA", NATS_CA),
    await text("NATS_CERT", NATS_CERT),
    await text("NATS_KEY", NATS_KEY),
  ];
  // The client hands it on to Node, which else holds the certificate of a server that is named by its address against "localhost".
  const host = hostOf(at);
  const tls = { host, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  return { tls };
}

async function fileOf(name: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FaultlineError("FILE_NOT_FOUND", `${name}: ${messageOf(error)}`, { cause: error });
  }
}
