import { createPrivateKey, X509Certificate } from "node:crypto";
import { messageOf } from "../../support/errors.js";

export type PemKind = "certificate" | "key";

export type PemReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly help: string };

/** Reads a certificate or an unencrypted private key in PEM, or says what the bytes are instead. */
export function readPem(kind: PemKind, bytes: Buffer): PemReading {
  const text = bytes.toString("utf8");
  const refuse = (message: string, help: string): PemReading => ({ ok: false, message, help });
  const what = kind === "key" ? "an unencrypted PEM private key" : "a PEM certificate";
  const binary = binaryFormat(kind, bytes);
  if (binary) return refuse(`is not ${what}: it looks like ${binary.name}`, binary.help);
  const labels = [...text.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----/gm)].map(([, label = ""]) => label);
  if (labels.length === 0) return refuse(`is not ${what}: it has no line -----BEGIN …-----`, BEGINS[kind]);
  const fits = (label: string) =>
    kind === "key" ? label.endsWith("PRIVATE KEY") : /CERTIFICATE$/.test(label);
  if (!labels.some(fits))
    return refuse(`is not ${what}: it holds -----BEGIN ${labels[0]}-----`, BEGINS[kind]);
  if (kind === "key" && /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type:.*ENCRYPTED/m.test(text)) {
    const help = "Take the password off for the test: openssl pkey -in encrypted.pem -out key.pem.";
    return refuse("is an encrypted private key, and nobody is there to type the password", help);
  }
  try {
    if (kind === "key") createPrivateKey(text);
    else new X509Certificate(text);
    return { ok: true, text };
  } catch (error) {
    return refuse(
      `is not ${what} (${messageOf(error)})`,
      "What stands between its BEGIN and END lines is damaged.",
    );
  }
}

const BEGINS: Readonly<Record<PemKind, string>> = {
  certificate: "A PEM certificate begins with the line -----BEGIN CERTIFICATE-----.",
  key: "A PEM private key begins with -----BEGIN PRIVATE KEY----- (or RSA or EC PRIVATE KEY).",
};

/** ASN.1: both begin with a SEQUENCE. That of PKCS#12 begins with the version 3 (RFC 7292, section 4). */
function binaryFormat(kind: PemKind, bytes: Buffer): { readonly name: string; readonly help: string } | null {
  if (bytes[0] !== 0x30) return null;
  const lengthBytes = bytes[1] !== undefined && bytes[1] > 0x80 ? bytes[1] - 0x80 : 0;
  const content = bytes.subarray(2 + lengthBytes);
  if (content[0] === 0x02 && content[1] === 1 && content[2] === 3) {
    const part = kind === "key" ? "-nocerts -nodes -out key.pem" : "-nokeys -out cert.pem";
    return { name: "PKCS#12 (.p12, .pfx)", help: `Convert it: openssl pkcs12 -in FILE ${part}.` };
  }
  if (content[0] !== 0x02 && content[0] !== 0x30) return null;
  const command =
    kind === "key" ? "pkey -inform DER -in FILE -out key.pem" : "x509 -inform DER -in FILE -out cert.pem";
  return { name: "DER", help: `Convert it: openssl ${command}.` };
}
