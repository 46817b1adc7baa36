import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";

/** Files in which systems keep the authorities that all programs trust. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, Arch
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, Red Hat
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/ssl/cert.pem", // macOS, FreeBSD
];

/** PEM of the authorities that this system trusts. Where it has no such file: of those that Node trusts. */
export async function systemRoots(): Promise<string> {
  for (const bundle of BUNDLES) {
    const text = await readFile(bundle, "utf8").catch(() => "");
    if (text.includes("BEGIN CERTIFICATE")) return text;
  }
  return rootCertificates.join("\n");
}
