import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";

/** Where systems keep what all programs trust, in one file. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, Arch
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, Red Hat
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/ssl/cert.pem", // macOS, FreeBSD
];

/** PEM of what this system trusts; of what Node trusts, where the system has none. */
export async function systemRoots(): Promise<string> {
  for (const bundle of BUNDLES) {
    const text = await readFile(bundle, "utf8").catch(() => "");
    if (text.includes("BEGIN CERTIFICATE")) return text;
  }
  return rootCertificates.join("\n");
}
