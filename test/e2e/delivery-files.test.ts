/** What docs/ci.md has for delivery tools, read as they read it; and the Dockerfile. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { analyse } from "../../src/analysis/analyse.js";
import { verdictDocument, verdictDocumentSchema } from "../../src/analysis/document/verdict-document.js";
import { EXIT_CODE_MAPS, mappedExitCode, refuseUnreadVerdict } from "../../src/app/exit-code-maps.js";
import { parseReporters } from "../../src/report/parse-reporters.js";
import { root } from "../helpers/faultline.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

const text = await readFile(join(root, "docs/ci.md"), "utf8");

function block(start: string): string {
  const found = [...text.matchAll(/```\w+\n([\s\S]*?)```/g)].find(([, content]) =>
    content?.startsWith(start),
  );
  if (!found?.[1]) throw new Error(`docs/ci.md has no block that begins with ${start}`);
  return found[1];
}

const decision = (name: keyof typeof SAVED_RUNS) => verdictDocument(analyse(SAVED_RUNS[name]())).decision;

/** How a web metric reads a result: what meets neither condition is inconclusive. */
function measured(metric: { successCondition: string; failureCondition: string }, result: string): string {
  const meets = (condition: string) => /^result == "(\w+)"$/.exec(condition)?.[1] === result;
  if (meets(metric.failureCondition)) return "Failed";
  return meets(metric.successCondition) ? "Successful" : "Inconclusive";
}

test("Argo Rollouts goes on, rolls back or pauses as the run says", () => {
  const template = parse(block("# argo/analysis-template.yaml"));
  expect(template.kind).toBe("AnalysisTemplate");
  const [run, web] = template.spec.metrics;
  expect(web.provider.web.jsonPath).toBe("{$.decision}");
  expect(measured(web, decision("pass"))).toBe("Successful");
  expect(measured(web, decision("fail"))).toBe("Failed");
  for (const name of ["inconclusive", "invalid"] as const) {
    expect(measured(web, decision(name)), name).toBe("Inconclusive");
  }

  const { spec } = run.provider.job;
  expect(spec.backoffLimit).toBe(0);
  const args: string[] = spec.template.spec.containers[0].args;
  const argument = (option: string) => args[args.indexOf(option) + 1];
  expect(args[0]).toBe("run");
  const files = parseReporters(argument("--reporter"), "/work");
  refuseUnreadVerdict(argument("--exit-codes"), { files, several: false });
  // The file that the one writes is the file that the other asks for.
  const written = files.find(({ reporter }) => reporter.name === "verdict")?.path;
  expect(written).toBe("/reports/verdict.json");
  expect(web.provider.web.url).toMatch(/\/verdict\.json$/);
});

test("Flagger promotes what passed, rolls back what is broken, and waits for the rest", () => {
  const { analysis } = parse(block("# flagger/webhooks.yaml"));
  const exits = (type: string, exitCode: number) => {
    const { metadata } = analysis.webhooks.find((hook: { type: string }) => hook.type === type);
    expect(metadata.type).toBe("bash");
    const map = / --exit-codes (\S+)$/.exec(metadata.cmd)?.[1] ?? null;
    if (map !== null) expect(EXIT_CODE_MAPS[map]?.of).toContain("verdict");
    return mappedExitCode(exitCode, map) === 0;
  };
  const does = (exitCode: number) => ({
    promotes: exits("confirm-promotion", exitCode),
    rollsBack: exits("rollback", exitCode),
  });
  expect(does(0)).toEqual({ promotes: true, rollsBack: false });
  expect(does(1)).toEqual({ promotes: false, rollsBack: true });
  for (const undecided of [2, 3, 4, 5, 130]) {
    expect(does(undecided), String(undecided)).toEqual({ promotes: false, rollsBack: false });
  }
});

test("the verdict that the docs show is one", () => {
  expect(verdictDocumentSchema.strict().parse(JSON.parse(block('{\n  "formatVersion"')))).toMatchObject({
    decision: "inconclusive",
  });
});

test("the Dockerfile is sound, pinned and not root", async () => {
  const dockerfile = await readFile(join(root, "Dockerfile"), "utf8");
  expect(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  const image = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1];
  expect(image).toMatch(/^node:\d+\.\d+\.\d+-[\w-]+$/);
  expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, from]) => from)).toEqual([
    "${NODE_IMAGE}",
    "${NODE_IMAGE}",
  ]);
  expect([...dockerfile.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user)).toEqual(["1000:1000"]);
  // Every folder that the last stage copies is one that the package ships or the build makes.
  const ignore = await readFile(join(root, ".dockerignore"), "utf8");
  for (const [, from] of dockerfile.matchAll(/^COPY --from=build \/build\/(\w+) /gm)) {
    if (from !== "dist" && from !== "node_modules") expect(ignore).toContain(`!${from}\n`);
  }
});
