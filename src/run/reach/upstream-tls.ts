/** Whether an upstream can be spoken to over TLS, and can be trusted: asked before anything is measured. */

import { isIP } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";
import { spokenAboveTls } from "../../faults/between/spoken-above-tls.js";
import { connectUpstream, type UpstreamTls } from "../../faults/between/upstream-socket.js";
import type { ProxySpec } from "../../faults/fault-driver.js";
import { type PemKind, readPem } from "../../scenario/read/pem.js";
import { schemeShown } from "../../scenario/values/proxy-address.js";
import type { Address } from "../../support/address.js";
import { Patience, sleep } from "../../support/clock.js";
import { hasCode, messageOf } from "../../support/errors.js";
import { parseAddress } from "../../support/hosts.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import { UnreachableError } from "./reachable.js";

const HANDSHAKE_MS = 5_000;
/** With TLS 1.3 a server refuses a client's certificate only when the client has done its part. */
const REFUSAL_MS = 300;

const LOOK_MS = 300;
const LARGEST_PEM_BYTES = 1_000_000;

interface TlsProblem {
  /** It will not pass by itself, as a server that is being started may. */
  readonly isLasting: boolean;
  /** Something listens there. */
  readonly isThere: boolean;
  /** What is wrong, for after "https://127.0.0.1:8443 ". */
  readonly text: string;
  readonly remedy: string;
}

/** @throws UnreachableError UPSTREAM_UNTRUSTED */
export async function checkUpstreamTls(proxy: ProxySpec): Promise<void> {
  const problem = await problemOf(proxy);
  if (problem !== null) throw untrusted(proxy, problem);
}

export interface UpstreamTlsWatcher {
  /** An upstream will not be trusted, however long it is waited for. Called at most once. */
  untrusted(error: UnreachableError): void;
  /** What stands in the way now, and may pass. null: nothing, or there is no upstream yet. */
  standing(error: UnreachableError | null): void;
}

/**
 * Looks at upstreams while services start: one that needs its dependency would otherwise only be late, for a reason that
 * nobody tells. Resolves when each is trusted, or `signal` ends it.
 */
export async function watchUpstreamTls(
  proxies: readonly ProxySpec[],
  signal: AbortSignal,
  watcher: UpstreamTlsWatcher,
): Promise<void> {
  let waiting = proxies.filter(({ tls }) => tls?.upstream);
  while (waiting.length > 0 && !signal.aborted) {
    const looks = await Promise.all(
      waiting.map(async (proxy) => ({ proxy, problem: await problemOf(proxy) })),
    );
    const found = looks.find(({ problem }) => problem?.isLasting);
    // What an upstream does that is being stopped says nothing.
    if (signal.aborted) return;
    if (found?.problem) return watcher.untrusted(untrusted(found.proxy, found.problem));
    const stands = looks.find(({ problem }) => problem?.isThere);
    watcher.standing(stands?.problem ? untrusted(stands.proxy, stands.problem) : null);
    waiting = looks.flatMap(({ proxy, problem }) => (problem === null ? [] : [proxy]));
    await sleep(LOOK_MS);
  }
}

async function problemOf({ upstream, tls, protocol }: ProxySpec): Promise<TlsProblem | null> {
  const address = parseAddress(upstream);
  if (!tls?.upstream || !address) return null;
  const unfit = await unfitFile(tls.upstream);
  if (unfit !== null) return unfit;
  return tlsProblem(address, tls.upstream, spokenAboveTls(protocol));
}

/** What is wrong with files that services were to make as they started. @returns null: nothing. */
async function unfitFile({ ca, cert, key }: UpstreamTls): Promise<TlsProblem | null> {
  for (const [name, pem] of Object.entries({ ca, cert, key })) {
    if (pem === null || typeof pem === "string") continue;
    const reason = await whyUnfit(name === "key" ? "key" : "certificate", pem.file);
    if (reason === null) continue;
    return {
      // It may still be made.
      isLasting: false,
      isThere: true,
      text: `cannot be spoken to: \`tls.${name}\`, ${pem.file}, ${reason}`,
      remedy:
        "A `prepare:` command of a service has to make it, before the first service that goes through the proxy.",
    };
  }
  return null;
}

async function whyUnfit(kind: PemKind, file: string): Promise<string | null> {
  try {
    const read = readPem(
      kind,
      await readRegularFile(file, { mostBytes: LARGEST_PEM_BYTES, beyond: "refuse" }),
    );
    return read.ok ? null : read.message;
  } catch (error) {
    return hasCode(error, "ENOENT") ? "does not exist" : `cannot be read: ${messageOf(error)}`;
  }
}

function untrusted({ name, upstream, protocol }: ProxySpec, { text, remedy }: TlsProblem): UnreachableError {
  return new UnreachableError(
    "UPSTREAM_UNTRUSTED",
    { kind: "upstream", proxy: name },
    `the upstream of proxy "${name}", ${schemeShown(protocol, true)}${upstream}, ${text}`,
    remedy,
  );
}

/** @returns null when connections can be made as the proxy will make them. */
function tlsProblem(
  address: Address,
  tls: UpstreamTls,
  alpn: readonly string[] | null,
): Promise<TlsProblem | null> {
  return new Promise((resolve) => {
    const late = new Patience(HANDSHAKE_MS, () => end(silent()));
    // Accepts any certificate, to say what is wrong with it.
    const socket = connectUpstream({ address, tls: { ...tls, verify: false }, alpn }, () => {
      const found =
        tls.verify && socket instanceof TLSSocket ? certificateProblem(socket, address, tls) : null;
      if (found) end(found);
      else setTimeout(() => end(null), REFUSAL_MS);
    });
    const end = (found: TlsProblem | null) => {
      late.end();
      socket.destroy();
      resolve(found);
    };
    socket.on("error", (error) => end(handshakeProblem(error, address, alpn !== null)));
    // Only the limit of time tells of silence.
    socket.on("close", () => end(asksForCertificate()));
  });
}

function certificateProblem(socket: TLSSocket, { host }: Address, tls: UpstreamTls): TlsProblem | null {
  // A code at run time, whatever its type says.
  const code = String(socket.authorizationError ?? "");
  if (socket.authorized || code === "") return null;
  const certificate = socket.getPeerCertificate();
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return {
        isLasting: true,
        isThere: true,
        text: `has a certificate that expired on ${certificate.valid_to}`,
        remedy: `Renew it. ${UNVERIFIED}`,
      };
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return {
        isLasting: true,
        isThere: true,
        text: `has a certificate for ${namesOf(certificate)}, and not for ${tls.servername ?? host}`,
        remedy: `Write at the proxy the name that it is for: tls: { servername: ${nameIn(certificate) ?? "NAME"} }.`,
      };
    default:
      return {
        isLasting: true,
        isThere: true,
        text: `has a certificate that is not trusted: it is of "${certificate.issuer?.CN ?? "an unknown authority"}" (${code})`,
        remedy: `Give that authority's certificate at the proxy: tls: { ca: FILE }. ${UNVERIFIED}`,
      };
  }
}

const UNVERIFIED = "Or do without the check, at the proxy: tls: { verify: false }.";

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  return subjectaltname?.replace(/\b(DNS|IP Address):/g, "") ?? [subject?.CN ?? "no name"].flat().join(", ");
}

/** @returns null when it names addresses alone. */
function nameIn(certificate: PeerCertificate): string | null {
  const names = namesOf(certificate).split(", ");
  return names.find((name) => isIP(name) === 0 && /^[\w.-]+$/.test(name)) ?? null;
}

function handshakeProblem(error: Error, address: Address, isHttp: boolean): TlsProblem {
  const text = messageOf(error);
  if (/wrong version number|packet length too long|http request/.test(text)) {
    return {
      isLasting: true,
      isThere: true,
      text: "speaks no TLS",
      remedy: `Write upstream: "${schemeShown(isHttp ? "http" : undefined, false)}${address.host}:${address.port}" if it is to be spoken to without TLS, or give the port that speaks it.`,
    };
  }
  if (/alert (certificate required|handshake failure|bad certificate|unknown ca)/.test(text)) {
    return asksForCertificate(text.match(/alert [a-z ]+/)?.[0]);
  }
  if (hasCode(error, "ECONNRESET") || /socket hang up/.test(text)) return asksForCertificate();
  return {
    isLasting: false,
    isThere: !hasCode(error, "ECONNREFUSED"),
    text: `cannot be spoken to over TLS: ${text}`,
    remedy: "Is it a server that speaks TLS?",
  };
}

function asksForCertificate(alert?: string): TlsProblem {
  const certificate =
    "If it asks clients for a certificate (mutual TLS), give one at the proxy: tls: { cert: FILE, key: FILE }, of an authority that it trusts.";
  return {
    isLasting: false,
    isThere: true,
    text: `refuses this client (${alert ?? "the connection was closed"})`,
    // Whoever sends an alert speaks TLS.
    remedy: alert === undefined ? `Is it a server that speaks TLS? ${certificate}` : certificate,
  };
}

function silent(): TlsProblem {
  return {
    isLasting: false,
    isThere: true,
    text: `does not answer a TLS handshake within ${HANDSHAKE_MS / 1000} s`,
    remedy: "Is it a server that speaks TLS?",
  };
}
