import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

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
  readonly challenge?: (response: ServerResponse) => void;
}

/** Asks for Digest authentication (RFC 7616), and takes nothing for granted: each nonce is counted without a gap. */
export async function startDigestServer(options: DigestServerOptions = {}) {
  const { algorithm, qop = true, userhash = false, usesOfNonce = Number.POSITIVE_INFINITY } = options;
  const { users = { ann: "s3cret" } } = options;
  const hashName = (algorithm ?? "MD5").replace("-sess", "").toLowerCase().replace("sha-256", "sha256");
  const hash = (text: string) =>
    createHash(hashName.replace("sha-512-256", "sha512-256")).update(text).digest("hex");
  const realmOf = options.realmOf ?? (() => 'the "shop"');
  const uses = new Map<string, number>();
  /** Of "-sess": by each nonce, what its key is made of for good. */
  const sessions = new Map<string, { readonly nonce: string; readonly cnonce: string }>();
  const told = { requests: 0, challenges: 0, stale: 0, ok: 0, wrong: [] as string[], bodies: [] as string[] };
  const newNonce = () => {
    const nonce = randomBytes(12).toString("base64");
    uses.set(nonce, 0);
    return nonce;
  };
  const challenge = (response: ServerResponse, isStale: boolean, path: string) => {
    told.challenges++;
    if (options.cookie) response.setHeader("set-cookie", options.cookie);
    response.statusCode = 401;
    if (options.challenge) options.challenge(response);
    else {
      const parameters = [
        `realm="${realmOf(path).replaceAll('"', '\\"')}"`,
        `nonce="${newNonce()}"`,
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
    response.end("who are you?");
  };
  /** Why an answer to a challenge is wrong. null: it is right. */
  const problemOf = (
    of: Readonly<Record<string, string>>,
    { method, url = "", headers }: IncomingMessage,
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
  const server = createServer((request, response) => {
    told.requests++;
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      told.bodies.push(Buffer.concat(chunks).toString());
      const given = request.headers.authorization;
      if (given === undefined) return challenge(response, false, request.url ?? "");
      const of = parameters(given);
      if ((uses.get(of.nonce ?? "") ?? 0) >= usesOfNonce) {
        told.stale++;
        return challenge(response, true, request.url ?? "");
      }
      const problem = problemOf(of, request);
      if (problem !== null) {
        told.wrong.push(problem);
        return challenge(response, false, request.url ?? "");
      }
      told.ok++;
      if (options.sendsNext) {
        const next = newNonce();
        sessions.set(next, sessions.get(of.nonce!)!);
        response.setHeader("authentication-info", `nextnonce="${next}", qop=auth`);
      }
      if (told.ok === options.forgetsAfter) uses.clear();
      response.end("hello");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // Listening on a port, so an address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function parameters(header: string): Record<string, string> {
  const found = [...header.matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)];
  return Object.fromEntries(
    found.map(([, name = "", quoted, bare = ""]) => [name, quoted?.replace(/\\(.)/g, "$1") ?? bare]),
  );
}
