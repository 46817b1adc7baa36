import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RunCertificates } from "../../../../src/faults/tls/certificates/run-certificates.js";
import { TrustFolder } from "../../../../src/faults/tls/trust/trust-folder.js";
import { undo } from "../../../../src/faults/tls/undo.js";
import { temporaryFolder } from "../../../helpers/faultline.js";

const { ca } = await RunCertificates.create(Date.now());

async function made() {
  const told: { readonly undo: unknown; readonly text: string }[] = [];
  const folder = await TrustFolder.create(ca, { undoable: (entry) => told.push(entry) });
  onTestFinished(() => folder.remove());
  const entries = told.map((entry) => ({ driver: "tls", ...entry }));
  return { folder, entries };
}

test("only its owner may read it, and it holds no key", async () => {
  const { folder } = await made();
  await folder.environment({});
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder.path)) {
    expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder.path, name), "utf8")).not.toContain("PRIVATE KEY");
  }
});

test("variables that replace what is trusted name a bundle with the system's authorities in front", async () => {
  const { folder } = await made();
  const { NODE_EXTRA_CA_CERTS, DENO_CERT, ...replacing } = await folder.environment({});
  expect([NODE_EXTRA_CA_CERTS, DENO_CERT]).toEqual([folder.caFile, folder.caFile]);
  expect(await readFile(folder.caFile, "utf8")).toBe(ca);
  expect(Object.keys(replacing)).toEqual([
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
  ]);
  const [bundle = ""] = new Set(Object.values(replacing));
  const text = await readFile(bundle, "utf8");
  expect(text.endsWith(ca)).toBe(true);
  expect(text.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50);
});

test("what is set already is trusted as well, and what cannot be read stays as it is", async () => {
  const { folder } = await made();
  const own = await temporaryFolder();
  await writeFile(join(own, "own.pem"), "the company's authority\n");
  const variables = await folder.environment({
    SSL_CERT_FILE: join(own, "own.pem"),
    NODE_EXTRA_CA_CERTS: join(own, "own.pem"),
    REQUESTS_CA_BUNDLE: own,
    CURL_CA_BUNDLE: join(own, "missing.pem"),
  });
  const both = `the company's authority\n${ca}`;
  expect(await readFile(variables.SSL_CERT_FILE ?? "", "utf8")).toBe(both);
  expect(await readFile(variables.NODE_EXTRA_CA_CERTS ?? "", "utf8")).toBe(both);
  expect(variables.REQUESTS_CA_BUNDLE).toBeUndefined();
  expect(variables.CURL_CA_BUNDLE).toBeUndefined();
});

test("another process removes it, and says before what it would do", async () => {
  const { folder, entries } = await made();
  const did = [`remove certificate files in ${folder.path}`];
  expect(await undo(entries, { dryRun: true })).toEqual({ did, failures: [] });
  expect(await undo(entries, { dryRun: false, keepProxies: true })).toEqual({ did: [], failures: [] });
  expect(existsSync(folder.path)).toBe(true);
  expect(await undo(entries, { dryRun: false })).toEqual({ did, failures: [] });
  expect(existsSync(folder.path)).toBe(false);
  expect(await undo(entries, { dryRun: false })).toEqual({ did: [], failures: [] });
});

test("nothing but such a folder is ever removed", async () => {
  const { entries } = await made();
  const place = await temporaryFolder();
  const victim = join(place, "precious");
  await mkdir(victim);
  const link = join(place, "faultline-tls-00000000-0000-0000-0000-000000000000");
  await symlink(victim, link);
  const [entry] = entries;
  for (const path of [victim, link, `${link}/../precious`]) {
    const forged = { driver: "tls", text: "forged", undo: { ...(entry?.undo as object), path } };
    expect((await undo([forged], { dryRun: false })).did).toEqual([]);
  }
  expect(existsSync(victim)).toBe(true);
});
