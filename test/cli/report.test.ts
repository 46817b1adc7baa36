import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { main } from "../../src/cli/main.js";
import { REPORTERS } from "../../src/report/registry.js";
import { buildRecord } from "../helpers/record-builder.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";
import { testIo } from "../helpers/test-io.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "faultline-cli-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function cli(args: readonly string[], env: Record<string, string> = {}) {
  const io = testIo({ cwd: folder, env });
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

async function save(name: string, record: ReturnType<typeof buildRecord>, withReport = false): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "record.json"), JSON.stringify(record));
  if (withReport) await writeFile(join(folder, name, "report.json"), JSON.stringify(analyse(record)));
}

describe("faultline report", () => {
  test("--help lists every format with what it is good for, and `help report` says where they are listed", async () => {
    const { code, out } = await cli(["report", "--help"]);
    expect(code).toBe(0);
    const rows = [...out.matchAll(/^ {2}(\w+) (?:\(\w+\) )? *(\S.*)$/gm)].map(([, name, purpose]) => ({
      name,
      purpose,
    }));
    for (const { name, purpose } of REPORTERS) expect(rows).toContainEqual({ name, purpose });
    expect((await cli(["help", "report"])).out).toContain("docs/reports.md lists the formats");
  });

  test("fits a terminal's height, and leaves nothing out where there is none", async () => {
    await save("run", SAVED_RUNS.fail());
    const on = async (terminal: { isTTY: true; columns: number; rows: number } | Record<string, never>) => {
      const io = testIo({ cwd: folder });
      Object.assign(io.stdout, terminal);
      expect(await main(["report", "run", "--no-color"], io)).toBe(0);
      return { out: io.out().trimEnd().split("\n"), below: io.err().trimEnd().split("\n") };
    };
    const small = await on({ isTTY: true, columns: 80, rows: 24 });
    // Result, the files that were written and the prompt.
    expect(small.out.length + small.below.length + 1).toBeLessThanOrEqual(24);
    expect(small.out[0]).toMatch(/^✗ FAIL/);
    expect(small.out.join("\n")).toMatch(/^1 slow inventory: p99\(checkout\) rose from .* ✗ fail$/m);
    const log = await on({});
    expect(log.out.filter((line) => line.startsWith("  availability >= 99%"))).toHaveLength(3);
  });

  test("makes the usual reports beside the record, from the file or its folder, and exits 0", async () => {
    await save("run", SAVED_RUNS.fail());
    for (const argument of ["run/record.json", "run"]) {
      const { code, out, err } = await cli(["report", argument]);
      expect(code).toBe(0);
      expect(out).toMatch(/^✗ FAIL {2}Shop survives/);
      expect(err).toContain(`wrote ${join("run", "report.html")}`);
    }
    expect((await readdir(join(folder, "run"))).sort()).toEqual([
      "junit.xml",
      "record.json",
      "report.html",
      "report.json",
      "report.md",
    ]);
  });

  test("makes the same bytes as the run did, again and again", async () => {
    const record = SAVED_RUNS.inconclusive();
    await save("run", record);
    await cli(["report", "run"]);
    const first = await readFile(join(folder, "run", "report.html"), "utf8");
    await cli(["report", "run", "--out", "again"]);
    expect(await readFile(join(folder, "again", "report.html"), "utf8")).toBe(first);
    expect(JSON.parse(await readFile(join(folder, "again", "report.json"), "utf8"))).toEqual(analyse(record));
  });

  test("--json prints report.json alone, --reporter and --out say what goes where", async () => {
    await save("run", SAVED_RUNS.pass());
    const { out } = await cli([
      "report",
      "run",
      "--json",
      "--out",
      "ci",
      "--reporter",
      "junit=tests.xml,csv",
    ]);
    expect(JSON.parse(out).verdict).toBe("pass");
    expect(await readdir(join(folder, "ci"))).toEqual(["buckets.csv", "report.json"]);
    expect(await readFile(join(folder, "tests.xml"), "utf8")).toContain("<testsuites");
  });

  test("--slo judges by another promise, --fail-on makes the verdict the exit code", async () => {
    await save("run", SAVED_RUNS.fail());
    expect((await cli(["report", "run", "--fail-on", "fail"])).code).toBe(1);
    const lenient = await cli([
      "report",
      "run",
      ...["--slo", "availability >= 50%", "--fail-on", "fail", "--out", "lenient"],
    ]);
    expect(lenient.code).toBe(0);
    expect(lenient.out).toMatch(/^✓ PASS/);
    const note = /Judged by other SLOs than the run's own: availability (>|&gt;)= 50%/;
    expect(lenient.out).toMatch(note);
    for (const name of ["report.html", "report.md"])
      expect((await readFile(join(folder, "lenient", name), "utf8")).replaceAll("&#39;", "'")).toMatch(note);
    const json = JSON.parse(await readFile(join(folder, "lenient", "report.json"), "utf8"));
    expect(json.otherSlos).toEqual(["availability >= 50%"]);
    expect((await cli(["report", "run"])).code).toBe(0);
  });

  test("--fail-on says in the result and on stderr that nothing was judged", async () => {
    await save("run", SAVED_RUNS.invalid());
    const said = 'Exit code 0, as --fail-on leaves out "invalid": nothing was judged in this run.';
    const shown = await cli(["report", "run", "--fail-on", "fail"]);
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining(`\n${said}\n`) });
    expect(shown.err).toContain(`warning: ${said}\n`);
    const json = await cli(["report", "run", "--fail-on", "fail", "--json"]);
    expect(JSON.parse(json.out).verdict).toBe("invalid");
    expect(json.err).toContain(`warning: ${said}\n`);
  });

  test("report.json stands for the record beside it, and a lone one is refused with what is needed", async () => {
    await save("run", SAVED_RUNS.pass(), true);
    expect((await cli(["report", "run/report.json"])).code).toBe(0);
    await rm(join(folder, "run", "record.json"));
    const { code, err } = await cli(["report", "run/report.json"]);
    expect(code).toBe(2);
    expect(err).toMatch(/record\.json, and there is none beside it/);
  });

  test("--open shows the page in the browser, and says so when there is none", async () => {
    await save("run", SAVED_RUNS.pass());
    const log = join(folder, "opened");
    await writeFile(
      join(folder, "xdg-open"),
      `#!/bin/sh\necho "$1" > "${log}.part" && mv "${log}.part" "${log}"\n`,
    );
    await chmod(join(folder, "xdg-open"), 0o755);
    if (process.platform !== "linux") return;
    await cli(["report", "run", "--open"], { PATH: `${folder}:/bin:/usr/bin` });
    await expect
      .poll(() => readFile(log, "utf8").catch(() => ""), { timeout: 5000 })
      .toBe(`${join(folder, "run", "report.html")}\n`);
    const { code, err } = await cli(["report", "run", "--open"], { PATH: "/nowhere" });
    expect(code).toBe(0);
    expect(err).toContain("open ");
  });

  test.each([
    [["report", "missing.json"], /missing\.json does not exist/],
    [["report", "cut.json"], /cut\.json is not valid JSON/],
    [["report", "run", "--reporter", "pdf"], /does not know "pdf"/],
    [["report", "run", "--slo", "p99 < 10ms", "--out", "other"], /10 ms was not counted/],
    [["report", "run", "--slo", "p99 <", "--out", "other"], /p99 </],
    [["report", "run", "--slo", "p99 < 400ms"], /--slo needs --out/],
    [["report", "run", "--slo", "p99 < 400ms", "--out", "run"], /--slo needs --out/],
    [["report", "run", "--fail-on", "bad"], /--fail-on takes/],
  ])("%j is a user's mistake: exit 2, a message, a hint, nothing written", async (args, message) => {
    await save("run", SAVED_RUNS.pass());
    await writeFile(join(folder, "cut.json"), '{"format":"faultline-rec');
    const { code, out, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).toMatch(/\nhint: /);
    expect(err).not.toMatch(/\n\s+at /);
    expect(out).toBe("");
    expect(await readdir(join(folder, "run"))).toEqual(["record.json"]);
  });
});

describe("faultline history", () => {
  async function saveThree() {
    const run = (day: number, share: number) =>
      buildRecord({
        name: "Checkout",
        startedAt: `2026-03-0${day}T12:00:00.000Z`,
        slos: ["availability >= 99%", "p99 < 400ms"],
        phases: [
          { kind: "baseline", seconds: 30 },
          { kind: "fault", fault: "slow <cache>", seconds: 30, medianMs: 10 * day, bad: { timeout: share } },
          { kind: "recovery", fault: "slow <cache>", seconds: 30 },
        ],
      });
    await save("reports/b", run(2, 0), true);
    await save("reports/a", run(1, 0), true);
    await save("reports/c", run(3, 0.2), true);
  }

  test("lists the runs newest first and the way of each SLO from oldest to newest", async () => {
    await saveThree();
    const { code, out } = await cli(["history"]);
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toBe("Checkout");
    expect(lines.slice(1, 4).map((line) => /reports\/(.)/.exec(line)?.[1])).toEqual(["c", "b", "a"]);
    expect(lines[1]).toMatch(/2026-03-03 12:00 {2}✗ fail/);
    const availability = lines.find((line) => line.includes("availability >= 99%"));
    expect(availability).toMatch(/(79|80|81)(\.\d)?%, was 100% +██▁ ✗$/);
    expect(lines.find((line) => line.includes("p99 < 400ms"))).toMatch(/> timeout, was [\d.]+ ms +.{2}× ✗$/);
  });

  test("as a page it is one file that links each run and holds each value in words", async () => {
    await saveThree();
    const { err } = await cli(["history", "reports", "--html"]);
    expect(err).toContain(join("reports", "history.html"));
    const page = await readFile(join(folder, "reports", "history.html"), "utf8");
    expect(page).toContain('href="c/report.html"');
    expect(page).toContain("slow &lt;cache&gt;");
    expect(page).not.toContain("slow <cache>");
    expect(page).toMatch(/aria-label="[\d.]+ ms, [\d.]+ ms, &gt; timeout"/);
  });

  async function saveRecoveries(...badSeconds: number[]) {
    for (const [index, bad] of badSeconds.entries()) {
      const record = buildRecord({
        name: "Recovers",
        startedAt: `2026-03-0${index + 1}T12:00:00.000Z`,
        slos: ["availability >= 99%", "recovery < 5s"],
        phases: [
          { kind: "baseline", seconds: 30 },
          { kind: "fault", fault: "cut off", seconds: 30 },
          {
            kind: "recovery",
            fault: "cut off",
            seconds: 30,
            at: (s) => (s < bad ? { bad: { refused: 1 } } : {}),
          },
        ],
      });
      await save(`reports/r${index}`, record, true);
    }
  }

  test("a recovery that was never seen keeps its mark, in figures and in bars", async () => {
    await saveRecoveries(2, 30, 4);
    const { out } = await cli(["history"]);
    const line = out.split("\n").find((text) => text.includes("recovery < 5s"));
    expect(line).toMatch(/4 s, was > 30 s +▁↑█ ✓$/);
    const [history] = JSON.parse((await cli(["history", "--json"])).out);
    const recovery = history.trends.find(({ expect }: { expect: string }) => expect === "recovery < 5s");
    expect(recovery.points.map(({ censored }: { censored: boolean }) => censored)).toEqual([
      false,
      true,
      false,
    ]);
    await cli(["history", "--html"]);
    const page = await readFile(join(folder, "reports", "history.html"), "utf8");
    expect(page).toContain('aria-label="2 s, &gt; 30 s, 4 s"');
  });

  test("what searches found is told from the run before to the last", async () => {
    const { faults, ...record } = SAVED_RUNS.search();
    const found = (holdsUpTo: number | null, breaksAt: number | null, day: number) => ({
      ...record,
      startedAt: `2026-03-0${day}T12:00:00.000Z`,
      faults: faults.map((fault) => ({
        ...fault,
        search: fault.search && { ...fault.search, holdsUpTo, breaksAt },
      })),
    });
    await save("reports/a", found(200, 400, 1), true);
    await save("reports/b", found(800, null, 2), true);
    const { out } = await cli(["history"]);
    expect(out).toContain("breaking points");
    expect(out).toMatch(/how slow: latency on inventory until p.* > 800 ms, was 200–400 ms/);
    const [{ breakingPoints }] = JSON.parse((await cli(["history", "--json"])).out);
    expect(breakingPoints[0].points).toMatchObject([
      { holdsUpTo: 200, breaksAt: 400, unit: "ms" },
      { holdsUpTo: 800, breaksAt: null, unit: "ms" },
    ]);
    await cli(["history", "--html"]);
    const page = await readFile(join(folder, "reports", "history.html"), "utf8");
    expect(page).toContain("200–400 ms → &gt; 800 ms");
  });

  test("--json, --last and --scenario choose what programs get", async () => {
    await saveThree();
    await save("reports/other", SAVED_RUNS.pass(), true);
    const { out } = await cli(["history", "--json", "--last", "2", "--scenario", "Checkout"]);
    const [history, ...others] = JSON.parse(out);
    expect(others).toEqual([]);
    expect(history.runs.map((run: { verdict: string }) => run.verdict)).toEqual(["pass", "fail"]);
    expect(history.trends[0].points).toHaveLength(2);
  });

  test("reports that were made again are no runs of their own, and never stand for the run's own", async () => {
    await save("reports/run", SAVED_RUNS.fail(), true);
    await cli(["report", "reports/run", "--out", "reports/again"]);
    await cli(["report", "reports/run", "--out", "reports/lenient", "--slo", "availability >= 50%"]);
    const [history] = JSON.parse((await cli(["history", "--json"])).out);
    expect(history.runs).toMatchObject([{ folder: join("reports", "run"), verdict: "fail" }]);
  });

  test("a scenario that never ran is said to be none, with those that did", async () => {
    await saveThree();
    const { code, err } = await cli(["history", "--scenario", "nosuch"]);
    expect(code).toBe(2);
    expect(err).toContain('there is no run of "nosuch" in reports; there are runs of "Checkout"');
  });

  test("a report that cannot be read is left out, with the reason, and the others still show", async () => {
    await saveThree();
    await mkdir(join(folder, "reports", "broken"));
    await writeFile(join(folder, "reports", "broken", "report.json"), "{");
    const { code, out, err } = await cli(["history"]);
    expect(code).toBe(0);
    expect(err).toMatch(/left out: .*broken.*not valid JSON/);
    expect(out).toContain("Checkout");
  });

  test("an empty folder has no runs; a missing one is a user's mistake", async () => {
    await mkdir(join(folder, "reports"));
    expect(await cli(["history"])).toMatchObject({ code: 0, out: "no reports in reports\n" });
    expect(await cli(["history", "nowhere"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("nowhere"),
    });
  });
});
