import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRequirements } from "../../src/ledger/requirements.js";
import { temporaryFolder } from "../helpers/faultline.js";

async function read(text: string | Uint8Array) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "faults.yaml"), text);
  return readRequirements("faults.yaml", folder);
}

async function complaint(text: string | Uint8Array): Promise<string> {
  const error = await read(text).then(
    () => null,
    (thrown) => thrown,
  );
  return `${error?.code}: ${error?.message}`;
}

test("a list of what must have evidence, each with its place", async () => {
  const requirements = await read(`# what must hold
gate: 1
require:
  - { dependency: cache, fault: slow cache }
  - { dependency: cache, fault: partition, scenario: Checkout, request: checkout, maxAge: 2w }
`);
  expect(requirements).toEqual([
    {
      dependency: "cache",
      fault: "slow cache",
      scenario: null,
      request: null,
      maxAgeMs: null,
      place: { file: "faults.yaml", line: 4, column: 5 },
    },
    {
      dependency: "cache",
      fault: "partition",
      scenario: "Checkout",
      request: "checkout",
      maxAgeMs: 14 * 24 * 3_600_000,
      place: { file: "faults.yaml", line: 5, column: 5 },
    },
  ]);
});

test.each([
  ["gate: 1\n", "faults.yaml:1:1: `require` is missing"],
  [
    "gate: 2\nrequire: [{ dependency: a, fault: b }]\n",
    "faults.yaml:1:7: gate: expected the version of this",
  ],
  ["gate: 1\nrequire: []\n", "faults.yaml:2:1: require: expected a list with at least one"],
  ["gate: 1\nrequire:\n  - { dependency: cache }\n", "faults.yaml:3:5: `fault` is missing"],
  [
    "gate: 1\nrequire:\n  - { dependency: cache, fault: slow, senario: x }\n",
    "faults.yaml:3:39: unknown key `senario` in require[0]; did you mean `scenario`?",
  ],
  [
    "gate: 1\nrequire:\n  - { dependency: cache, fault: slow, maxAge: 30 days }\n",
    "faults.yaml:3:47: require[0].maxAge: expected an age such as 30d",
  ],
  [
    "gate: 1\nrequire:\n  - { dependency: cache, fault: slow }\n  - { dependency: cache, fault: slow }\n",
    'faults.yaml:4:33: "slow" on "cache" is required twice',
  ],
  ["gate: [1\n", "faults.yaml:"],
  ["", "the file is empty"],
])("what is wrong is told with its place: %j", async (text, expected) => {
  const said = await complaint(text);
  expect(said).toMatch(/^REQUIREMENTS_INVALID: /);
  expect(said).toContain(expected);
});

test("a file that is not there, no text or no file is told as such", async () => {
  const folder = await temporaryFolder();
  await expect(readRequirements("none.yaml", folder)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await mkdir(join(folder, "folder.yaml"));
  await expect(readRequirements("folder.yaml", folder)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  expect(await complaint(new Uint8Array([0xff, 0xfe, 0x00]))).toContain("FILE_UNREADABLE");
});
