import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { diagnosticText } from "../../src/scenario/diagnostics/diagnostic.js";
import { findScenarios } from "../../src/scenario/read/find-scenarios.js";
import { FaultlineError, messageOf } from "../../src/support/errors.js";
import { folderWith, scenarioText } from "../helpers/scenario-files.js";

/** All that is said of a scenario, as `validate` prints it. */
async function sayAll(cwd: string, file = "scenario.yaml"): Promise<string> {
  try {
    const { diagnostics } = await checkAndPlan(file, { env: {}, cwd });
    return diagnostics.map(diagnosticText).join("\n");
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    return `${error.message} ${error.hint}`;
  }
}

/** What a scenario could name to see it in a public log, and the parts of it that must not be seen. */
const SECRETS: readonly (readonly [name: string, content: string])[] = [
  ["an environment file", "# prod\nDB_PASSWORD=hunter2\nAPI_KEY=sk_live_abcdef\nfoo: hunter2: sk_live\n"],
  ["credentials in YAML", "aws_key_id: hunter2\naws_secret: sk_live_abcdef\n"],
  ["a token alone", "sk_live_hunter2"],
  ["a list", "- hunter2\n- sk_live\n"],
  ["broken YAML", "hunter2: {\n  sk_live: [\n"],
  ["hosts", "hunter2\tsk_live\n10.0.0.1\thunter2\n"],
  ["accounts", "hunter2:x:0:0:sk_live:/root\nhunter2:x:1:1\n"],
  ["bad quotes", 'hunter2,sk_live\n"hunter2" x,sk_live"\n'],
  ["an uneven table", "hunter2,sk_live\nhunter2\n"],
  ["two columns of one name", "hunter2,hunter2\nsk_live,x\n"],
  ["a key", "-----BEGIN HUNTER KEY-----\nhunter2sk_live\n-----END HUNTER KEY-----\n"],
];
const SHOWN = /hunter2|sk_live|DB_PASSWORD|API_KEY|aws_|foo/;

describe.each(SECRETS)("nothing is shown of %s", (_, content) => {
  test.each([
    ["include", scenarioText("include: secret")],
    ["extends", scenarioText("extends: [secret]")],
    ["a data file", withLoad('data: { f: { file: secret } }\n  requests: [{ path: "/${data.f.zzz}" }]')],
    [
      "a link called .csv",
      withLoad('data: { f: { file: link.csv } }\n  requests: [{ path: "/${data.f.z}" }]'),
    ],
    [
      "a link called .json",
      withLoad('data: { f: { file: link.json } }\n  requests: [{ path: "/${data.f.z}" }]'),
    ],
    ["certificates", withLoad("tls: { ca: secret, cert: secret, key: secret }")],
    [
      "a body, a field of a form and a folder of its name",
      withLoad(
        "requests: [{ method: POST, path: /, body: { file: secret }, json: 1 }, { method: POST, path: /, multipart: [{ name: a, file: secret/x }] }]",
      ),
    ],
  ])("that is named as %s", async (_place, text) => {
    const cwd = folderWith({ secret: content, "scenario.yaml": text });
    symlinkSync(join(cwd, "secret"), join(cwd, "link.csv"));
    symlinkSync(join(cwd, "secret"), join(cwd, "link.json"));
    const said = await sayAll(cwd);
    expect(said).toContain("scenario.yaml:");
    expect(said.replaceAll("secret", "")).not.toMatch(SHOWN);
  });

  test("that a link leads to which is called a scenario", async () => {
    const cwd = folderWith({ secret: content });
    symlinkSync(join(cwd, "secret"), join(cwd, "scenario.yaml"));
    expect(await sayAll(cwd)).toMatch(/^scenario\.yaml is a link to a file that is no scenario/);
  });
});

function withLoad(more: string): string {
  return scenarioText("", `  rate: 100/s\n  ${more}`);
}

test("what is nearly a part of a scenario is shown with its mistakes", async () => {
  const cwd = folderWith({
    "part.yaml": "slos: [p99 < 5]\n",
    "typo.yaml": "slso: [p99 < 5s]\n",
    "broken.yaml": "slos: [p99 < 5s\nload:\n",
    "scenario.yaml": scenarioText("include: [part.yaml, typo.yaml, broken.yaml]"),
  });
  const said = await sayAll(cwd);
  expect(said).toContain("broken.yaml");
  expect(said).toContain("> ");
  writeFileSync(join(cwd, "scenario.yaml"), scenarioText("include: [part.yaml, typo.yaml]"));
  expect(await sayAll(cwd)).toContain("did you mean `slos`?");
});

test("files of /proc, pipes, devices and folders are not read, whoever names them", async () => {
  const cwd = folderWith({});
  execFileSync("mkfifo", [join(cwd, "pipe.yaml")]);
  mkdirSync(join(cwd, "folder"));
  for (const file of ["/proc/self/environ", "/proc/self/pagemap", "/dev/zero", "pipe.yaml", "folder"]) {
    const texts = [
      scenarioText(`include: ${file}`),
      withLoad(`data: { f: { file: ${file} } }\n  requests: [{ path: "/\${data.f.zzz}" }]`),
      withLoad(`tls: { ca: ${file} }`),
    ];
    for (const text of texts) {
      writeFileSync(join(cwd, "scenario.yaml"), text);
      const said = await sayAll(cwd);
      expect(said).toMatch(/is no part of a scenario|it is not a file|has no rows|has no line -----BEGIN/);
      expect(said).not.toContain("PATH=");
    }
  }
  writeFileSync(join(cwd, "scenario.yaml"), scenarioText());
  expect(await findScenarios(["."], cwd)).toEqual(["scenario.yaml"]);
  await expect(checkAndPlan("pipe.yaml", { env: {}, cwd }).catch((e) => messageOf(e))).resolves.toMatch(
    /pipe\.yaml cannot be read: it is not a file/,
  );
});
