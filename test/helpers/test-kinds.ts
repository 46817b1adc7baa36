// Which tests go together. Quick are those that open no socket and start no program, as what they import says.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Code that opens none either. */
const PURE =
  /^src\/(analysis|app\/decidable-slos|measure|notation|plan|quantities|report|requests|scenario|slo|support\/(?!processes\/process-|outside\/)|faults\/(?!toxiproxy\/|process\/|drivers))/;
const OUTSIDE =
  /^(?:node:(child_process|cluster|dgram|http|http2|https|net|tls|worker_threads)|@grpc\/grpc-js)$/;

/** They build many runs, or try many inputs: each takes some seconds. */
const SLOW = [
  "analysis/analyse",
  "analysis/document/report",
  "analysis/properties",
  "analysis/statistics/rank-trend",
  "measure/mask-record",
  "report/formats/formats",
  "report/formats/junit",
  "report/terminal",
  "scenario/fuzz",
  "support/secret-mask",
].map((name) => `${name}.test.ts`);

/** Paths from the repository's root, of all tests that are quick. */
export function quickTests(): string[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.startsWith("e2e/") && !SLOW.includes(name))
    .map((name) => join(root, "test", name))
    .filter((file) => isPure(file, new Set()))
    .map((file) => relative(root, file))
    .sort();
}

/** Paths from the repository's root, of all tests that put other code in the place of a module. It would stay there for others. */
export function mockingTests(): string[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name))
    .filter((file) => /\bvi\.(?:do)?[mM]ock\(/.test(readFileSync(join(root, file), "utf8")))
    .sort();
}

function isPure(file: string, seen: Set<string>): boolean {
  if (seen.has(file)) return true;
  seen.add(file);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Not a file of the tests' own.
    return true;
  }
  for (const [, typeOnly, from, dynamic] of text.matchAll(
    /^(?:import|export)\b( type\b)?[^;"]*?from "([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
  )) {
    const to = from ?? dynamic;
    if (typeOnly || to === undefined) continue;
    if (OUTSIDE.test(to)) return false;
    if (!to.startsWith(".")) continue;
    const target = join(dirname(file), to);
    const path = relative(root, target);
    if (path.startsWith("src/")) {
      if (!PURE.test(path)) return false;
    } else if (!isPure(target.replace(/\.js$/, ".ts"), seen) || !isPure(target, seen)) return false;
  }
  return true;
}
