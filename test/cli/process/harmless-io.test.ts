import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../../src/cli/main.js";
import { harmlessIo } from "../../../src/cli/process/harmless-io.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { testIo } from "../../helpers/test-io.js";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]|^\s*::|##\[|##vso\[/m;
const EVIL = "\u001b[2J\u202e##[error]x\n::error::pwn";

test("both streams are freed from what acts; a command for the CI server goes by a way of its own", () => {
  const process = testIo();
  const io = harmlessIo(process);
  io.stdout.write(`${EVIL}\n`);
  io.stderr.write(`${EVIL}\n`);
  expect(process.out()).toBe("# #[error]x\n: :error::pwn\n");
  expect(process.err()).toBe(process.out());
  io.command("::error::ours\n");
  expect(process.err()).toContain("\n::error::ours\n");
});

test("the colours of a report stay on a terminal, and nothing else of a terminal's language", () => {
  const process = testIo({ env: { FORCE_COLOR: "1" } });
  harmlessIo(process).stdout.write(`\u001b[1m✓ PASS\u001b[22m\u001b[2J\u001b]0;title\u0007`);
  expect(process.out()).toBe("\u001b[1m✓ PASS\u001b[22m");
});

test("secrets are taken out of the conversation, also of one with a control character within, and not out of JSON", () => {
  const process = testIo();
  const io = harmlessIo(process).masking((text) => text.replaceAll("hunter2", "•••"));
  io.stderr.write("pw=hun\u0000ter2\n");
  io.stdout.write('{"hunter2":1}');
  expect(process.err()).toBe("pw=•••\n");
  expect(process.out()).toBe('{"hunter2":1}');
});

test("no command prints what acts, wherever it comes from: file names, keys, values, names of options", async () => {
  const folder = await temporaryFolder();
  const evil = JSON.stringify(EVIL).replaceAll("\u202e", "\\u202e");
  const name = "::error::\u001b[31mname ##[x].yaml";
  await writeFile(
    join(folder, name),
    `faultline: 1\nname: ${evil}\n${evil}: 1\nload: { target: ${evil}, rate: ${evil} }\nslos: [${evil}]\n` +
      `faults: [{ name: ${evil}, proxy: ${evil}, latency: ${evil} }]\n`,
  );
  await writeFile(join(folder, "report.json"), JSON.stringify({ format: EVIL }));
  for (const args of [
    ["validate", name],
    ["validate", "--format", "json", name],
    ["validate", "."],
    ["run", name],
    ["run", EVIL],
    ["run", "--only", EVIL, name],
    ["compare", EVIL, name],
    ["compare", "report.json", "report.json"],
    ["report", EVIL],
    ["history", EVIL],
    [EVIL],
    ["validate", `--${EVIL}`],
  ]) {
    const process = testIo({ cwd: folder });
    await main(args, process);
    const printed = process.out() + process.err();
    expect(printed.length, args.join(" ")).toBeGreaterThan(20);
    expect(printed, args.join(" ")).not.toMatch(ACTS);
  }
}, 60_000);
