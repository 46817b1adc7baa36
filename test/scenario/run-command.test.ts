import fc from "fast-check";
import { expect, test } from "vitest";
import { checkText, scenarioText } from "../helpers/scenario-files.js";

const serviceOf = (run: string, more = "") => scenarioText(`services: { a: { run: ${run}${more} } }`);

async function commandOf(run: string, env: Record<string, string>, vars: readonly string[] = []) {
  const { plan, diagnostics } = await checkText(serviceOf(JSON.stringify(run)), { env, vars });
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return plan?.services[0]?.command;
}

const PASSWORDS = [
  "two words",
  "back\\slash",
  "it's",
  'say "x"',
  "a;b | c",
  "$HOME",
  "dou\\\\ble",
  "${uuid}",
  " x ",
];

test.each(PASSWORDS)("a value from the environment is one argument, in quotes or not: %j", async (PW) => {
  // What only a run fills in is still to come, so a text that looks like it is protected.
  const kept = PW.replaceAll("${", () => "$${");
  for (const written of ["${env.PW}", '"${env.PW}"', "'${env.PW}'"]) {
    expect(await commandOf(`node x --password ${written} --after y`, { PW })).toEqual([
      "node",
      "x",
      "--password",
      kept,
      "--after",
      "y",
    ]);
  }
  expect(await commandOf("node x --password=${env.PW}! 'a b'", { PW })).toEqual([
    "node",
    "x",
    `--password=${kept}!`,
    "a b",
  ]);
});

test("the same for any value at all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, unit: "grapheme" }), async (PW) => {
      const command = await commandOf('node "a ${env.PW} b" c${env.PW}', { PW });
      const kept = PW.replaceAll("${", () => "$${");
      expect(command).toEqual(["node", `a ${kept} b`, `c${kept}`]);
    }),
    { numRuns: 30 },
  );
});

test("a default is one argument, too; an empty value is one in quotes only", async () => {
  expect(await commandOf("node ${env.NO:-a b} ${env.NO:-}", {})).toEqual(["node", "a b"]);
  expect(await commandOf('node "${env.NO:-}" x', {})).toEqual(["node", "", "x"]);
});

test("a variable of the scenario may be several words, and what it takes from the environment stays whole", async () => {
  const text = `vars: { cmd: "node x --pw \${env.PW}" }\n${serviceOf('"${cmd} -v"')}`;
  const { plan } = await checkText(text, { env: { PW: "two words" } });
  expect(plan?.services[0]?.command).toEqual(["node", "x", "--pw", "two words", "-v"]);
  const given = await checkText(text, { env: {}, vars: ["cmd=node y 'a b'"] });
  expect(given.plan?.services[0]?.command).toEqual(["node", "y", "a b", "-v"]);
});

test("a secret that --var gives is one argument", async () => {
  const text = `vars: { DB_PASSWORD: x }\n${serviceOf('"node x ${DB_PASSWORD}"')}`;
  const { plan } = await checkText(text, { vars: ["DB_PASSWORD=it's two"] });
  expect(plan?.services[0]?.command).toEqual(["node", "x", "it's two"]);
});

test("a whole command from the environment is refused, with what to write instead, unless it is quoted", async () => {
  const env = { CMD: "node server.js" };
  const { diagnostics } = await checkText(serviceOf('"${env.CMD} --x"'), { env });
  expect(diagnostics).toMatchObject([{ code: "wrong-value", help: expect.stringContaining("shell: true") }]);
  expect(diagnostics[0]?.message).toContain("`${env.CMD}` fills one word");
  expect(await commandOf("'${env.CMD}' --x", env)).toEqual(["node server.js", "--x"]);
});

test("a shell gets the text as it is", async () => {
  const { plan } = await checkText(serviceOf('"echo ${env.A} | cat"', ", shell: true"), {
    env: { A: "a b" },
  });
  expect(plan?.services[0]?.command).toEqual(["echo a b | cat"]);
});

test("what only a shell can do is refused where it is written, whatever the values hold", async () => {
  for (const run of ["node x | tee ${env.PW}", "node 'x ${env.PW}", "node $HOME"]) {
    const { plan, diagnostics } = await checkText(serviceOf(JSON.stringify(run)), { env: { PW: "it's" } });
    expect(plan, run).toBeNull();
    expect(diagnostics.map(({ code }) => code)).toEqual(["wrong-value"]);
  }
});
