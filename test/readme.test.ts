import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../src/cli/commands.js";
import type { Io } from "../src/cli/process/io.js";
import { EXIT } from "../src/support/errors.js";
import { faultline, root, temporaryFolder } from "./helpers/faultline.js";

const readme = await readFile(join(root, "README.md"), "utf8");

const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, text]) => text ?? "",
  );

describe("README.md keeps its word", () => {
  test("its first scenario is valid", async () => {
    const [text] = blocks("yaml");
    const folder = await temporaryFolder();
    await writeFile(join(folder, "scenario.yaml"), text ?? "");
    const { code, stdout } = await faultline(["validate", "scenario.yaml"], { cwd: folder });
    expect(stdout).toMatch(/scenario\.yaml: valid/);
    expect(code).toBe(0);
  });

  test("it lists every command and no other", () => {
    const program = new Command();
    // Registering touches none of it.
    for (const register of COMMANDS) register(program, {} as Io, () => {});
    const listed = [...readme.matchAll(/^\| `(\w+)[^|]*\|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(program.commands.map((command) => command.name()).sort());
  });

  test("it lists every exit code", () => {
    const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });

  test("the checks of a fresh clone run its test command", async () => {
    expect(blocks("sh")).toContain("npm ci && npm test\n");
    expect(await readFile(join(root, ".ci/run"), "utf8")).toContain('"npm ci && npm test"');
  });

  test("the output that it shows is that of the committed sample", async () => {
    const sample = await readFile(join(root, "reports/sample/terminal.txt"), "utf8");
    expect(readme).toContain(sample.trimEnd());
  });

  test("the files that it points to are there", async () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)\)|src(?:set)?="([^"]+)"/g)].map(
      ([, a, b]) => a ?? b ?? "",
    );
    for (const target of targets.filter((target) => !/^https?:/.test(target))) {
      await expect(
        readFile(join(root, target)).catch((error) => error.code),
        target,
      ).resolves.not.toBe("ENOENT");
    }
  });
});
