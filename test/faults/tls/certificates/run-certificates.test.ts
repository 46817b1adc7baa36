import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { RunCertificates } from "../../../../src/faults/tls/certificates/run-certificates.js";

const HOSTS = ["localhost", "127.0.0.1", "::1", "2001:db8:0:1::5", "pay.test"];
const now = Date.now();

const certificates = await RunCertificates.create(now);
const authority = new X509Certificate(certificates.ca);
const issued = async (kind: Parameters<typeof certificates.issue>[0]) => {
  const { cert, key } = await certificates.issue(kind, HOSTS);
  return { certificate: new X509Certificate(cert), key: createPrivateKey(key) };
};

test("the authority may sign certificates of servers, and no other authority", () => {
  expect(authority.ca).toBe(true);
  expect(authority.checkIssued(authority)).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
});

test("a certificate is of its key, signed by the authority, and good for each host", async () => {
  const { certificate, key } = await issued("good");
  expect(certificate.ca).toBe(false);
  expect(certificate.checkPrivateKey(key)).toBe(true);
  expect(key.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(now);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(now + 86_400_000);
  expect(HOSTS.filter((host) => !certificate.checkHost(host) && !certificate.checkIP(host))).toEqual([]);
  expect(certificate.checkHost("other.test")).toBeUndefined();
  expect(certificate.checkIP("127.0.0.2")).toBeUndefined();
});

test("each certificate has one flaw, and no other", async () => {
  const flaws = async (kind: Parameters<typeof certificates.issue>[0]) => {
    const { certificate } = await issued(kind);
    const found = [
      ...(Date.parse(certificate.validTo) < now ? ["expired"] : []),
      ...(certificate.checkHost("localhost") === undefined ? ["wrong-name"] : []),
      ...(certificate.verify(authority.publicKey) ? [] : ["untrusted"]),
    ];
    return found.join();
  };
  for (const kind of ["expired", "wrong-name", "untrusted"] as const) expect(await flaws(kind)).toBe(kind);
  expect(await flaws("good")).toBe("");
});

test("every run has an authority, and every certificate a key and a number of its own", async () => {
  const other = await RunCertificates.create(now);
  expect(other.ca).not.toBe(certificates.ca);
  const [one, two] = [await issued("good"), await issued("good")];
  expect(one.certificate.serialNumber).not.toBe(two.certificate.serialNumber);
  expect(one.key.equals(two.key)).toBe(false);
});
