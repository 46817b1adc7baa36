import type { CertificateFlaw } from "../../tls-fault.js";
import { type Authority, type CertificatePair, makeAuthority, makeServerCertificate } from "./certificate.js";

/** What a server shows its clients. All but `good` are faults. */
export type CertificateKind = "good" | CertificateFlaw;

const DAY_MS = 86_400_000;
/** Longer than any run, and short enough for verifiers that refuse long lives (825 days). */
const LIFE_DAYS = 30;
/** Nobody can own a name below `invalid` (RFC 6761, section 6.4). */
const WRONG_NAME = "wrong-name.invalid";

/** Certificates of one run: its own authority, and what that signs. The keys live in this process alone. */
export class RunCertificates {
  readonly #authority: Authority;
  readonly #nowMs: number;
  /** No client is told to trust this authority. */
  #stranger: Promise<Authority> | null = null;

  private constructor(authority: Authority, nowMs: number) {
    this.#authority = authority;
    this.#nowMs = nowMs;
  }

  static async create(nowMs: number): Promise<RunCertificates> {
    return new RunCertificates(await makeAuthority("faultline, this run only", around(nowMs)), nowMs);
  }

  /** PEM of the authority that clients are to trust. */
  get ca(): string {
    return this.#authority.pem;
  }

  /** @param hosts names and addresses by which clients know the server. */
  async issue(kind: CertificateKind, hosts: readonly string[]): Promise<CertificatePair> {
    switch (kind) {
      case "good":
        return makeServerCertificate(this.#authority, hosts, around(this.#nowMs));
      case "expired":
        return makeServerCertificate(this.#authority, hosts, {
          notBefore: new Date(this.#nowMs - LIFE_DAYS * DAY_MS),
          notAfter: new Date(this.#nowMs - DAY_MS),
        });
      case "wrong-name":
        return makeServerCertificate(this.#authority, [WRONG_NAME], around(this.#nowMs));
      case "untrusted":
        this.#stranger ??= makeAuthority("faultline, trusted by nobody", around(this.#nowMs));
        return makeServerCertificate(await this.#stranger, hosts, around(this.#nowMs));
    }
  }
}

/** Certificates begin some time ago: clocks may be slow, and expired certificates need a past. */
function around(nowMs: number) {
  return {
    notBefore: new Date(nowMs - LIFE_DAYS * DAY_MS),
    notAfter: new Date(nowMs + LIFE_DAYS * DAY_MS),
  };
}
