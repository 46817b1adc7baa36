import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { DECISIONS } from "../../src/analysis/reasons/decisions.js";
import { reasonReference } from "../../src/analysis/reasons/reason-reference.js";
import { REASONS } from "../../src/analysis/reasons/reasons.js";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import {
  type JsonSchema,
  scenarioJsonSchema,
  scenarioJsonSchemaText,
} from "../../src/scenario/generate/json-schema.js";
import { scenarioReference } from "../../src/scenario/generate/reference.js";
import { errorReference } from "../../src/support/error-reference.js";
import { firstDifference } from "../helpers/same-schema.js";
import { checkText, FIXTURES, folderWith, loadScenario } from "../helpers/scenario-files.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("schema/scenario.schema.json is what the code says (npm run schema writes it)", () => {
  expect(read("schema/scenario.schema.json")).toBe(scenarioJsonSchemaText());
});

test("schema/scenario.schema.json says the same as one in which each part stands where it is used, in a quarter of its size", () => {
  const shipped = read("schema/scenario.schema.json");
  expect(firstDifference(scenarioJsonSchema(), JSON.parse(shipped))).toBeNull();
  expect(shipped.length).toBeLessThan(JSON.stringify(scenarioJsonSchema(), null, 2).length / 4);
});

test("docs/scenario.md and docs/errors.md hold the generated tables (npm run schema writes them)", () => {
  expect(read("docs/scenario.md")).toContain(scenarioReference());
  expect(read("docs/errors.md")).toContain(errorReference());
});

test("docs/reasons.md holds the tables of reasons, and of what proofs of all drivers say (npm run schema writes them)", async () => {
  const faults = new URL("../../src/faults/", import.meta.url);
  const files = readdirSync(faults, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("/proof-notes.ts"))
    .sort();
  const notes: Record<string, Parameters<typeof reasonReference>[0][string]> = {};
  const ids: string[] = [];
  for (const file of files) {
    const { proofNotes } = await import(new URL(file, faults).href);
    notes[file.split("/")[0] ?? ""] = proofNotes;
    ids.push(...Object.keys(proofNotes));
  }
  expect(Object.keys(notes)).toEqual(expect.arrayContaining(["toxiproxy", "http", "tls", "process"]));
  expect(read("docs/reasons.md")).toContain(reasonReference(notes));
  // An id means one thing, whoever says it.
  const all = [...ids, ...Object.keys(REASONS), ...Object.keys(DECISIONS)];
  expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
});

test("every key has a description for hover texts", () => {
  const lacking: string[] = [];
  const walk = (schema: JsonSchema, path: string) => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      const at = `${path}.${key}`;
      const named = /\.(find\.(latency|jitter|bandwidth|limit_data|slow_close)|inject)$/.test(at);
      if (inner.description === undefined && !named) lacking.push(at);
      walk(inner, at);
    }
    if (schema.items) walk(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === "object") walk(schema.additionalProperties, `${path}.*`);
    for (const branch of schema.anyOf ?? []) walk(branch, path);
  };
  walk(scenarioJsonSchema(), "");
  expect(lacking).toEqual([]);
});

test("the first example of the docs is a valid scenario, and those of services and faults are valid parts", async () => {
  const [scenario, services, faults] = [...read("docs/scenario.md").matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text ?? "",
  );
  const first = await checkText(scenario ?? "");
  expect(first.diagnostics.map(({ message }) => message)).toEqual([]);
  const rest =
    'faultline: 1\nname: x\nload: { target: "http://127.0.0.1:3000", rate: 9/s }\nslos: [p99 < 1s]\n';
  const cwd = folderWith({ "scenario.yaml": `${rest}${services}`, "shop.env": "" });
  const started = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(started.diagnostics.map(({ message }) => message)).toEqual([]);
  const proxies = scenario?.replace(
    "proxies:\n",
    'proxies:\n  database: { listen: "127.0.0.1:6392", upstream: "127.0.0.1:5432" }\n',
  );
  const second = await checkText(`${proxies?.replace(/^faults:[\s\S]*?\n\n/m, "")}\n${faults}`);
  expect(second.diagnostics.map(({ message }) => message)).toEqual([]);
});

/** As much of JSON Schema as ours uses, to hold valid scenarios against it as an editor would. */
function complaints(schema: JsonSchema, value: unknown, path: string): string[] {
  if (schema.$ref || "allOf" in schema) return []; // a body's own data: anything goes
  if (schema.anyOf) {
    const branches = schema.anyOf.map((branch) => complaints(branch, value, path));
    return branches.some((found) => found.length === 0) ? [] : (branches[0] ?? []);
  }
  if (schema.const !== undefined && schema.const !== value) return [`${path}: not ${String(schema.const)}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${path}: not in the list`];
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const types = [schema.type ?? type].flat().map((name) => (name === "integer" ? "number" : name));
  if (!types.includes(type)) return [`${path}: ${type} instead of ${types.join(", ")}`];
  if (schema.pattern && !new RegExp(schema.pattern, "u").test(String(value)))
    return [`${path}: ${String(value)}`];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      schema.items ? complaints(schema.items, item, `${path}[${index}]`) : [],
    );
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = schema.properties?.[key] ?? schema.additionalProperties;
    if (own === false) return [`${path}.${key}: unknown`];
    return typeof own === "object" ? complaints(own, inner, `${path}.${key}`) : [];
  });
}

test("the JSON Schema accepts what validate accepts and refuses a wrong unit and an unknown key", () => {
  const schema = scenarioJsonSchema();
  for (const file of ["valid/everything.yaml", "base.yaml"]) {
    expect(complaints(schema, parse(readFileSync(join(FIXTURES, file), "utf8")), "")).toEqual([]);
  }
  expect(complaints(schema, { faultline: 1, load: { rate: "200" } }, "")).toHaveLength(1);
  expect(complaints(schema, { faultline: 1, lod: {} }, "")).toHaveLength(1);
  expect(complaints(schema, { faultline: 1, load: { rate: "${rate}" } }, "")).toEqual([]);
});

test("every scenario that is shipped is valid", async () => {
  const folder = new URL("../../scenarios/", import.meta.url);
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = all.filter((name) => /\.ya?ml$/.test(name) && !name.includes("node_modules"));
  expect(files).toEqual(expect.arrayContaining(["quickstart.yaml", "redis-cache/scenario.yaml"]));
  for (const file of files) {
    const text = read(`scenarios/${file}`);
    if (!/^faultline:/m.test(text)) continue;
    await expect(loadScenario(join(folder.pathname, file), { env: {}, cwd: "/" })).resolves.toBeTruthy();
  }
});
