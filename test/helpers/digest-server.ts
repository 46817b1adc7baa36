import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { SWITCHING, serverFrame } from "./websocket-server.js";

export interface DigestServerOptions {
  /** As a challenge names it. Default: MD5 without a name. */
  readonly algorithm?: "MD5" | "SHA-256" | "SHA-512-256" | "MD5-sess" | "SHA-256-sess";
  /** false: as RFC 2069 has it. */
  readonly qop?: boolean;
  readonly userhash?: boolean;
  /** A nonce is stale after so many requests. Default: never. */
  readonly usesOfNonce?: number;
  /** Each answer brings the nonce for the next request. */
  readonly sendsNext?: boolean;
  readonly users?: Readonly<Record<string, string>>;
  /** The realm of a path. Default: the same for all. */
  readonly realmOf?: (path: string) => string;
  /** It forgets all its nonces when it has answered so many requests, and says nothing of stale ones: it has been started anew. */
  readonly forgetsAfter?: number;
  /** A cookie that each challenge sets, and that the answer to it must bring. */
  readonly cookie?: string;
  /** Instead of a challenge of its own. */
  readonly challenge?: (response: Answered) => void;
  /** A nonce is good on the connection on which it was given alone. */
  readonly isOfConnection?: boolean;
  /** It speaks HTTP/2 alone, without TLS. */
  readonly isHttp2?: boolean;
}

type Asked = Pick<IncomingMessage | Http2ServerRequest, "method" | "url" | "headers" | "socket">;
interface Answered {
  setHeader(name: string, value: string | readonly string[]): unknown;
}

/**
 * Asks for Digest authentication (RFC 7616), and takes nothing for granted: each nonce is counted without a gap. Who gets in
 * with a handshake of WebSocket hears "hello".
 */
export async function startDigestServer(options: DigestServerOptions = {}) {
  const { algorithm, qop = true, userhash = false, usesOfNonce = Number.POSITIVE_INFINITY } = options;
  const { users = { ann: "s3cret" } } = options;
  const hashName = (algorithm ?? "MD5").replace("-sess", "").toLowerCase().replace("sha-256", "sha256");
  const hash = (text: string) =>
    createHash(hashName.replace("sha-512-256", "sha512-256")).update(text).digest("hex");
  const realmOf = options.realmOf ?? (() => 'the "shop"');
  const uses = new Map<string, number>();
  /** The client's port on whose connection a nonce was given. */
  const ports = new Map<string, number | undefined>();
  /** Of "-sess": by each nonce, what its key is made of for good. */
  const sessions = new Map<string, { readonly nonce: string; readonly cnonce: string }>();
  const told = { requests: 0, challenges: 0, stale: 0, ok: 0, wrong: [] as string[], bodies: [] as string[] };
  const newNonce = ({ socket }: Asked) => {
    const nonce = randomBytes(12).toString("base64");
    uses.set(nonce, 0);
    ports.set(nonce, socket.remotePort);
    return nonce;
  };
  const challenge = (response: Answered, isStale: boolean, request: Asked) => {
    const path = request.url ?? "";
    told.challenges++;
    if (options.cookie) response.setHeader("set-cookie", options.cookie);
    if (options.challenge) options.challenge(response);
    else {
      const parameters = [
        `realm="${realmOf(path).replaceAll('"', '\\"')}"`,
        `nonce="${newNonce(request)}"`,
        'opaque="5ccc, 069c"',
        ...(qop ? ['qop="auth-int, auth"'] : []),
        ...(algorithm ? [`algorithm=${algorithm}`] : []),
        ...(isStale ? ["stale=TRUE"] : []),
        ...(userhash ? ["userhash=true"] : []),
      ];
      response.setHeader("www-authenticate", [
        `Negotiate a/b+c==, Digest ${parameters.join(", ")}, Basic realm="x"`,
      ]);
    }
  };
  /** Why an answer to a challenge is wrong. null: it is right. */
  const problemOf = (
    of: Readonly<Record<string, string>>,
    { method, url = "", headers, socket }: Asked,
  ): string | null => {
    const realm = realmOf(url);
    if (of.realm !== realm) return `realm ${of.realm}`;
    if (options.cookie && Number.parseInt(of.nc ?? "", 16) === 1 && headers.cookie !== options.cookie)
      return `cookie ${headers.cookie}`;
    const star = of["username*"]?.replace(/^UTF-8''/, "");
    const name = star === undefined ? (of.username ?? "") : decodeURIComponent(star);
    const user = Object.keys(users).find((one) =>
      userhash ? hash(`${one}:${realm}`) === name : one === name,
    );
    if (user === undefined) return `no user ${name}`;
    if (of.opaque !== "5ccc, 069c") return "opaque";
    if (of.uri !== url) return `uri ${of.uri}`;
    if ((of.algorithm ?? undefined) !== algorithm) return `algorithm ${of.algorithm}`;
    if (userhash !== (of.userhash === "true")) return "userhash";
    const used = uses.get(of.nonce ?? "");
    if (used === undefined) return "nonce";
    if (options.isOfConnection && ports.get(of.nonce ?? "") !== socket.remotePort)
      return "nonce of another connection";
    if (qop && Number.parseInt(of.nc ?? "", 16) !== used + 1) return `nc ${of.nc} after ${used}`;
    uses.set(of.nonce!, used + 1);
    const plain = hash(`${user}:${realm}:${users[user]}`);
    const session = sessions.get(of.nonce!) ?? { nonce: of.nonce!, cnonce: of.cnonce! };
    sessions.set(of.nonce!, session);
    const secret = algorithm?.endsWith("-sess") ? hash(`${plain}:${session.nonce}:${session.cnonce}`) : plain;
    const between = qop ? `${of.nonce}:${of.nc}:${of.cnonce}:${of.qop}` : of.nonce;
    const wanted = hash(`${secret}:${between}:${hash(`${method}:${url}`)}`);
    return of.response === wanted ? null : "response";
  };
  /** @returns whether the request gets in. Else it was challenged. */
  const letsIn = (request: Asked, response: Answered): boolean => {
    const given = request.headers.authorization;
    if (given === undefined) {
      challenge(response, false, request);
      return false;
    }
    const of = parameters(given);
    if ((uses.get(of.nonce ?? "") ?? 0) >= usesOfNonce) {
      told.stale++;
      challenge(response, true, request);
      return false;
    }
    const problem = problemOf(of, request);
    if (problem !== null) {
      told.wrong.push(problem);
      challenge(response, false, request);
      return false;
    }
    told.ok++;
    if (options.sendsNext) {
      const next = newNonce(request);
      sessions.set(next, sessions.get(of.nonce!)!);
      response.setHeader("authentication-info", `nextnonce="${next}", qop=auth`);
    }
    if (told.ok === options.forgetsAfter) uses.clear();
    return true;
  };
  const answer = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    told.requests++;
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      told.bodies.push(Buffer.concat(chunks).toString());
      const isIn = letsIn(request, response);
      response.statusCode = isIn ? 200 : 401;
      response.end(isIn ? "hello" : "who are you?");
    });
  };
  const sockets = new Set<Socket>();
  const server = options.isHttp2 ? createHttp2Server(answer) : createServer(answer);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    told.requests++;
    const lines: string[] = [];
    const response: Answered = {
      setHeader(name, value) {
        for (const each of [value].flat()) lines.push(`${name}: ${each}\r\n`);
      },
    };
    socket.on("error", () => {});
    if (!letsIn(request, response)) {
      socket.end(`HTTP/1.1 401 Unauthorized\r\n${lines.join("")}Content-Length: 0\r\n\r\n`);
      return;
    }
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n${lines.join("")}\r\n`);
    socket.write(serverFrame(1, Buffer.from("hello")));
    socket.on("data", (chunk: Buffer) => {
      if ((chunk[0]! & 0x0f) === 8) socket.end(serverFrame(8, Buffer.from([0x03, 0xe8])));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // Listening on a port, so an address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function parameters(header: string): Record<string, string> {
  const found = [...header.matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)];
  return Object.fromEntries(
    found.map(([, name = "", quoted, bare = ""]) => [name, quoted?.replace(/\\(.)/g, "$1") ?? bare]),
  );
}
