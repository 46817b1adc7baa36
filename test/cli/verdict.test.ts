import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import {
  verdictDocument,
  verdictDocumentSchema,
  verdictJsonSchemaText,
} from "../../src/analysis/document/verdict-document.js";
import { EXIT_CODE_MAPS, exitCodeMapsOf, mappedExitCode } from "../../src/app/exit-code-maps.js";
import { outcomeOf } from "../../src/app/run-outcome.js";
import { DEFAULT_FAIL_ON } from "../../src/report/fail-on.js";
import { EXIT } from "../../src/support/errors.js";
import { faultline, root, temporaryFolder } from "../helpers/faultline.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

async function reportOf(name: keyof typeof SAVED_RUNS): Promise<string> {
  const file = join(await temporaryFolder(), "report.json");
  await writeFile(file, JSON.stringify(analyse(SAVED_RUNS[name]())));
  return file;
}

test("schema/verdict.schema.json is what the code says (npm run schema writes it)", async () => {
  expect(await readFile(join(root, "schema/verdict.schema.json"), "utf8")).toBe(verdictJsonSchemaText());
});

test("the document tells the run's verdict and what to do", async () => {
  const file = await reportOf("fail");
  const { code, stdout } = await faultline(["verdict", file, "--json"]);
  expect(code).toBe(1);
  expect(verdictDocumentSchema.strict().parse(JSON.parse(stdout))).toMatchObject({
    formatVersion: 1,
    decision: "fail",
    verdict: "fail",
    exitCode: 1,
    faults: [{ verdict: "fail" }, { verdict: "fail" }, { verdict: "fail" }],
  });
  const line = await faultline(["verdict", file]);
  expect(line.stdout).toMatch(/^fail: [^\n]+\n$/);
});

test("a run that its abort condition ended is broken; one that a person ended is undecided", () => {
  const aborted = analyse(SAVED_RUNS.aborted());
  expect(verdictDocument(aborted).decision).toBe("fail");
  const stopped = analyse({
    ...SAVED_RUNS.aborted(),
    ending: { kind: "interrupted", reason: "SIGINT", atS: 54 },
  });
  expect(verdictDocument(stopped).decision).toBe("inconclusive");
});

test("exit codes: argo lets nothing roll back that decided nothing, flagger rolls back what is broken", async () => {
  const [undecided, broken] = [await reportOf("inconclusive"), await reportOf("fail")];
  const argo = ["--json", "--exit-codes", "argo"];
  const flagger = ["--exit-codes", "flagger-rollback"];
  const code = async (file: string, ...args: string[]) => (await faultline(["verdict", file, ...args])).code;
  expect(await code(undecided)).toBe(3);
  expect(await code(undecided, ...argo)).toBe(0);
  expect(await code(broken, ...argo)).toBe(1);
  expect(await code(undecided, ...flagger)).toBe(3);
  expect(await code(broken, ...flagger)).toBe(0);
  const unread = await faultline(["verdict", undecided, "--exit-codes", "argo"]);
  expect(unread.code).toBe(2);
  expect(unread.stderr).toContain("add --json");
  expect((await faultline(["verdict", undecided, "--exit-codes", "spinnaker"])).code).toBe(2);
});

test("no map makes a success of what went wrong beside the verdict", () => {
  for (const map of Object.keys(EXIT_CODE_MAPS)) {
    for (const exitCode of [EXIT.usage, EXIT.environment, EXIT.rollbackFailed, EXIT.interrupted]) {
      expect(mappedExitCode(exitCode, map), map).toBe(exitCode);
    }
  }
});

test("run says beside the result that an exit code was mapped, and is not asked to roll back", () => {
  const report = analyse(SAVED_RUNS.inconclusive());
  const { exitCode, letThrough } = outcomeOf(report, {
    failOn: DEFAULT_FAIL_ON,
    earlier: null,
    exitCodeMap: "argo",
  });
  expect(exitCode).toBe(0);
  expect(letThrough).toBe("Exit code 0 instead of 3, for --exit-codes argo.");
  expect(exitCodeMapsOf("run")).toEqual(["argo"]);
});

test("run refuses --exit-codes argo where nobody could read the verdict", async () => {
  const args = ["run", "scenarios/quickstart.yaml", "--exit-codes", "argo", "--no-history"];
  const { code, stderr } = await faultline(args, { cwd: root });
  expect(code).toBe(2);
  expect(stderr).toContain("add --reporter json,verdict=FILE");
});
