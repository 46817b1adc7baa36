/** Makes certificates (RFC 5280). The library takes a tenth of a second to load, so only runs that use TLS import this file. */

import { createHash, KeyObject, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import * as asn1 from "asn1js";
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from "pkijs";

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** An authority: its private key stays in the process, and cannot be exported. */
export interface Authority {
  readonly certificate: Certificate;
  readonly privateKey: webcrypto.CryptoKey;
  readonly pem: string;
}

/** PEM texts of a server's certificate and its private key. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const HASH = "SHA-256";

const OID = {
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/** KeyUsage is a row of bits (RFC 5280, section 4.2.1.3): digitalSignature is bit 0, keyCertSign bit 5. */
const DIGITAL_SIGNATURE = { byte: 0b1000_0000, unusedBits: 7 };
const KEY_CERT_SIGN = { byte: 0b0000_0100, unusedBits: 2 };

/** Kinds of names in a certificate (RFC 5280, section 4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

export async function makeAuthority(commonName: string, validity: Validity): Promise<Authority> {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const certificate = await draft(commonName, publicKey, validity);
  certificate.issuer = certificate.subject;
  const id = keyId(certificate);
  certificate.extensions = [
    // Strict verifiers ask for these three extensions of an authority.
    extension(
      OID.basicConstraints,
      new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(),
      true,
    ),
    extension(OID.keyUsage, keyUsage(KEY_CERT_SIGN), true),
    extension(OID.subjectKeyIdentifier, new asn1.OctetString({ valueHex: id })),
  ];
  await certificate.sign(privateKey, HASH);
  return { certificate, privateKey, pem: pemOf(certificate) };
}

/** @param hosts Names and addresses that the certificate is good for. */
export async function makeServerCertificate(
  authority: Authority,
  hosts: readonly string[],
  validity: Validity,
): Promise<CertificatePair> {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const certificate = await draft(hosts[0] ?? "localhost", publicKey, validity);
  certificate.issuer = authority.certificate.subject;
  const issuer = new AuthorityKeyIdentifier({
    keyIdentifier: new asn1.OctetString({ valueHex: keyId(authority.certificate) }),
  });
  certificate.extensions = [
    extension(OID.basicConstraints, new BasicConstraints({ cA: false }).toSchema(), true),
    extension(OID.keyUsage, keyUsage(DIGITAL_SIGNATURE), true),
    extension(OID.extKeyUsage, new ExtKeyUsage({ keyPurposes: [OID.serverAuth] }).toSchema()),
    extension(OID.subjectAltName, new GeneralNames({ names: hosts.map(nameOf) }).toSchema()),
    extension(OID.subjectKeyIdentifier, new asn1.OctetString({ valueHex: keyId(certificate) })),
    extension(OID.authorityKeyIdentifier, issuer.toSchema()),
  ];
  await certificate.sign(authority.privateKey, HASH);
  const key = KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" }).toString();
  return { cert: pemOf(certificate), key };
}

/** Everything of a certificate except who signs it and what it is for. */
async function draft(
  commonName: string,
  publicKey: webcrypto.CryptoKey,
  { notBefore, notAfter }: Validity,
): Promise<Certificate> {
  const certificate = new Certificate();
  // Counted from 0: this is version 3, which has extensions.
  certificate.version = 2;
  certificate.serialNumber = new asn1.Integer({ valueHex: serialNumber() });
  const value = new asn1.Utf8String({ value: commonName });
  certificate.subject.typesAndValues.push(new AttributeTypeAndValue({ type: OID.commonName, value }));
  certificate.notBefore.value = notBefore;
  certificate.notAfter.value = notAfter;
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  return certificate;
}

/** A positive number. Its first byte is none that DER would leave out. */
function serialNumber(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** The SHA-1 of the key's bits, as is usual (RFC 5280, section 4.2.1.2). It is a name and protects nothing. */
function keyId(certificate: Certificate): Uint8Array<ArrayBuffer> {
  const bits = certificate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return new Uint8Array(createHash("sha1").update(bits).digest());
}

function keyUsage({ byte, unusedBits }: typeof DIGITAL_SIGNATURE): asn1.BitString {
  return new asn1.BitString({ valueHex: new Uint8Array([byte]), unusedBits });
}

function extension(extnID: string, value: asn1.BaseBlock, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER(false) });
}

function nameOf(host: string): GeneralName {
  const bytes = addressBytes(host);
  if (bytes === null) return new GeneralName({ type: DNS_NAME, value: host });
  return new GeneralName({ type: IP_ADDRESS, value: new asn1.OctetString({ valueHex: bytes }) });
}

/** @returns null when it is a name. */
function addressBytes(host: string): Uint8Array<ArrayBuffer> | null {
  if (isIPv4(host)) return Uint8Array.from(host.split("."), Number);
  if (!isIPv6(host)) return null;
  // A URL spells it in one way: groups of hexadecimal digits, the longest row of zeros left out.
  const [head = "", tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  const all = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function pemOf(certificate: Certificate): string {
  return new X509Certificate(Buffer.from(certificate.toSchema(true).toBER(false))).toString();
}
