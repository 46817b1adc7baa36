import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { hasProgram } from "../helpers/has-program.js";

test("the dashboard is JSON that Grafana's import takes: a title, panels side by side, and a choice of the server", async () => {
  const { code, stdout, stderr } = await faultline(["telemetry", "dashboard"]);
  expect([code, stderr]).toEqual([0, ""]);
  const { title, uid, panels, templating } = JSON.parse(stdout);
  expect([title, uid]).toEqual(["faultline", "faultline"]);
  expect(templating.list.map(({ name }: { name: string }) => name)).toEqual(["datasource", "scenario"]);
  const places: { x: number; y: number; w: number; h: number }[] = panels.map(
    ({ gridPos }: { gridPos: object }) => gridPos,
  );
  for (const [at, { x, y, w, h }] of places.entries()) {
    expect(x + w).toBeLessThanOrEqual(24);
    for (const other of places.slice(at + 1)) {
      const isApart =
        x + w <= other.x || other.x + other.w <= x || y + h <= other.y || other.y + other.h <= y;
      expect(isApart, `${x}, ${y}`).toBe(true);
    }
  }
});

test.runIf(hasProgram("promtool", "apt-get install prometheus"))(
  "Prometheus takes the alert rules",
  async () => {
    const { code, stdout } = await faultline(["telemetry", "rules"]);
    expect(code).toBe(0);
    const file = join(await temporaryFolder(), "faultline.rules.yml");
    await writeFile(file, stdout);
    const checked = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
    expect(checked.stdout + checked.stderr).toContain("SUCCESS: 2 rules found");
  },
);

test("an unknown word after telemetry is a mistake in the command line", async () => {
  const { code, stderr } = await faultline(["telemetry", "dashbord"]);
  expect(code).toBe(2);
  expect(stderr).toContain("dashbord");
});
