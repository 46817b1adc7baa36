import { expect, test } from "vitest";
import {
  checkText,
  faultSteps,
  folderWith,
  loadScenario,
  scenarioText,
} from "../../helpers/scenario-files.js";

const planOf = async (text: string, options: Parameters<typeof checkText>[1] = {}) => {
  const { plan, diagnostics } = await checkText(text, options);
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  if (!plan) throw new Error("no plan");
  return plan;
};
const complaintsOf = async (text: string, options: Parameters<typeof checkText>[1]) =>
  (await checkText(text, options)).diagnostics.map(({ file, line, column, code, message }) => ({
    at: `${file}:${line}:${column}`,
    code,
    message,
  }));

test("variables: the file's own, --var over them, the kind of the value kept", async () => {
  const text = scenarioText(
    "vars: { r: 10/s, n: 4, who: ann }\nhypothesis: ${who} is ${who}\nrepeat: ${n}",
    "  rate: ${r}",
  );
  const plan = await planOf(text);
  expect(plan.hypothesis).toBe("ann is ann");
  expect(faultSteps(plan)).toHaveLength(4);
  expect(plan.load.model).toMatchObject({ profile: { startValue: 10 } });
  const other = await planOf(text, { vars: ["r=20/s", "n=2", "who=bob: the second"] });
  expect(other.hypothesis).toBe("bob: the second is bob: the second");
  expect(faultSteps(other)).toHaveLength(2);
});

test("a value on the command line that is no YAML is the text that it is", async () => {
  const text = scenarioText("vars: { up: x, name: x }\nhypothesis: ${name}").replace(
    '"127.0.0.1:7000"',
    '"${up}"',
  );
  const planWith = (name: string) => planOf(text, { vars: ["up=[::1]:34981", `name=${name}`] });
  expect((await planWith("x")).proxies).toMatchObject([{ upstream: "[::1]:34981" }]);
  for (const [written, meant] of [
    ["[::1]", "[::1]"],
    ['"quoted"', "quoted"],
    ['"a" and b', '"a" and b'],
    ["{ not: one", "{ not: one"],
  ] as const) {
    expect((await planWith(written)).hypothesis).toBe(meant);
  }
  const set = await planOf(scenarioText(), {
    set: ["proxies.cache.upstream=[::1]:80", "slos=[availability >= 90%, max < 9s]"],
  });
  expect(set.proxies).toMatchObject([{ upstream: "[::1]:80" }]);
  expect(set.slos).toHaveLength(2);
});

test("the environment, with defaults for what is unset or empty", async () => {
  const text = scenarioText(
    "hypothesis: ${env.WHO:-nobody} ${env.EMPTY:-default} ${env.NONE:-}.",
    "  rate: ${env.RATE}",
  );
  const plan = await planOf(text, { env: { WHO: "ann lee", EMPTY: "", RATE: "7/s" } });
  expect(plan.hypothesis).toBe("ann lee default .");
  expect(plan.load.model).toMatchObject({ profile: { startValue: 7 } });
});

test("$${ is the text ${, also where slots are filled later", async () => {
  const plan = await planOf(
    scenarioText(
      "hypothesis: costs $${x}\nservices: { a: { run: 'echo $${x}' } }",
      '  rate: 1/s\n  requests: [{ path: /, method: PUT, body: "$${uuid} ${uuid}" }]',
    ),
  );
  expect(plan.hypothesis).toBe("costs ${x}");
  expect(plan.services[0]?.command).toEqual(["echo", "$${x}"]);
  expect(plan.load.mix).toMatchObject({ requests: [{ body: "$${uuid} ${uuid}" }] });
});

test("what a variable or the environment holds is never taken for a slot of the load", async () => {
  const plan = await planOf(
    scenarioText("", '  rate: 1/s\n  requests: [{ path: /, method: PUT, body: "${env.EVIL}" }]'),
    {
      env: { EVIL: "${uuid}" },
    },
  );
  expect(plan.load.mix).toMatchObject({ requests: [{ body: "$${uuid}" }] });
});

test("--set changes values before they are checked: maps, list items by number and by name, new keys", async () => {
  const plan = await planOf(scenarioText(), {
    set: [
      "load.rate=50/s",
      "faults.0.latency=1s",
      "faults.slow cache.jitter=5ms",
      "phases.fault=45s",
      "name=x: y",
    ],
  });
  expect(plan.name).toBe("x: y");
  expect(plan.load.model).toMatchObject({ profile: { startValue: 50 } });
  expect(faultSteps(plan)[0]?.actions).toMatchObject([
    { spec: { attributes: { latency: 1000, jitter: 5 } } },
  ]);
  expect(faultSteps(plan)[0]?.during.durationMs).toBe(45_000);
});

test("mistakes in --set and --var are shown in the option", async () => {
  expect(await complaintsOf(scenarioText(), { set: ["load.rate=50"] })).toMatchObject([
    { at: "--set:1:11", code: "wrong-value", message: expect.stringContaining("expected a rate") },
  ]);
  expect(await complaintsOf(scenarioText(), { set: ["load.raet=50/s"] })).toMatchObject([
    { at: "--set:1:6", code: "unknown-key", message: expect.stringContaining("did you mean `rate`") },
  ]);
  expect(await complaintsOf(scenarioText(), { set: ["faults.slow cahce.latency=1s"] })).toMatchObject([
    { at: "--set:1:8", code: "option", message: expect.stringContaining("did you mean `slow cache`") },
  ]);
  expect(await complaintsOf(scenarioText(), { set: ["load.rate"] })).toMatchObject([
    { at: "--set:1:1", code: "option" },
  ]);
  expect(await complaintsOf(scenarioText("vars: { region: eu }"), { vars: ["regoin=us"] })).toMatchObject([
    { at: "--var:1:8", code: "option", message: expect.stringContaining("did you mean `region`") },
  ]);
});

test("extends: maps are merged, lists replaced; include: lists put one after the other; own values win", async () => {
  const cwd = folderWith({
    "base.yaml": scenarioText("seed: 7\nevidence: observed"),
    "more.yaml":
      "faults: [{ name: included, proxy: cache, down: true }]\nseed: 8\nproxies: { db: { listen: 127.0.0.1:7005, upstream: 127.0.0.1:5432 } }",
    "replaced.yaml":
      "extends: base.yaml\nname: Replaced\nfaults: [{ name: own, proxy: cache, down: true }]\nload: { rate: 5/s }",
    "added.yaml": `include: more.yaml\n${scenarioText("seed: 9")}`,
    "both.yaml": "extends: [base.yaml, replaced.yaml]\ninclude: [more.yaml]\nname: Both",
  });
  const load = (file: string) => loadScenario(file, { env: {}, cwd });
  const names = async (file: string) => faultSteps(await load(file)).map(({ fault }) => fault.name);
  expect(await names("replaced.yaml")).toEqual(["own"]);
  const replaced = await load("replaced.yaml");
  expect(replaced).toMatchObject({ name: "Replaced", seed: 7, evidence: "observed" });
  expect(replaced.load).toMatchObject({
    target: { url: "http://127.0.0.1:3000" },
    model: { profile: { startValue: 5 } },
  });
  expect(await names("added.yaml")).toEqual(["included", "slow cache"]);
  expect(await load("added.yaml")).toMatchObject({ seed: 9, proxies: [{ name: "db" }, { name: "cache" }] });
  expect(await load("both.yaml")).toMatchObject({ name: "Both", seed: 8 });
  expect(await names("both.yaml")).toEqual(["included"]);
});

test("many files that include each other stop at a hundred", async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 12; i += 1)
    files[`f${i}.yaml`] = `include: [${Array.from({ length: 3 }, () => `f${i + 1}.yaml`).join(", ")}]\n`;
  files["f12.yaml"] = "seed: 1";
  files["scenario.yaml"] = `include: [f0.yaml]\n${scenarioText()}`;
  const { diagnostics } = await checkText("", { cwd: folderWith(files) });
  expect(diagnostics.some(({ message }) => message === "more than 100 files are included")).toBe(true);
});

test("variables that double with each step are refused at once, whether they grow a text or only take time", async () => {
  const doubling = (first: string) => {
    const lines = Array.from({ length: 60 }, (_, i) => `  v${i + 1}: "\${v${i}}\${v${i}}"`);
    return scenarioText(`vars:\n  v0: "${first}"\n${lines.join("\n")}\nhypothesis: "x\${v60}"`);
  };
  expect(await complaintsOf(doubling("xxxxxxxxxx"), {})).toEqual([
    expect.objectContaining({
      code: "template",
      message: "variables grow the scenario by more than 8 million characters",
    }),
  ]);
  expect((await planOf(doubling(""))).hypothesis).toBe("x");
});
