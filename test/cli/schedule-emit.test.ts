import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { main } from "../../src/cli/main.js";
import { GAME_DAY_FILES, gameDayText } from "../helpers/game-days.js";
import { hasProgram } from "../helpers/has-program.js";
import { folderWith, scenarioText } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";
import { runProgram } from "../helpers/validators.js";

const weekly = (more = "") =>
  `schedule: { cron: "0 10 * * FRI", timezone: Europe/Berlin, jitter: 10m${more} }`;

async function emit(engine: string, changes: Readonly<Record<string, string>> = {}, ...args: string[]) {
  const day = gameDayText({ schedule: weekly(), ...changes });
  const io = testIo({ cwd: folderWith({ ...GAME_DAY_FILES, "day.yaml": day }) });
  const exitCode = await main(["schedule", "--emit", engine, ...args, "day.yaml"], io);
  return { exitCode, out: io.out(), err: io.err(), cwd: io.cwd };
}

test("systemd: a service and a timer, on the clock of the zone", async () => {
  const { exitCode, out, cwd } = await emit("systemd");
  expect(exitCode).toBe(0);
  expect(out).toContain("# faultline-checkout-friday.timer\n");
  expect(out).toContain("\nOnCalendar=Fri *-*-* 10:00:00 Europe/Berlin\n");
  expect(out).toContain("\nPersistent=false\n");
  expect(out).toContain(`schedule --now ${cwd}/day.yaml\n`);
  const late = await emit("systemd", { schedule: weekly(", catchUp: once") });
  expect(late.out).toContain("\nPersistent=true\n");
});

test.skipIf(!hasProgram("systemd-analyze"))(
  "systemd accepts the units, whatever the game day is called",
  async () => {
    const odd = { name: 'name: "100% $HOME \\"quoted\\" day"' };
    const { exitCode, cwd } = await emit("systemd", odd, "--out", "units");
    expect(exitCode).toBe(0);
    const units = ["faultline-100-home-quoted-day.timer", "faultline-100-home-quoted-day.service"];
    const { code, text } = runProgram("systemd-analyze", [
      "verify",
      ...units.map((unit) => join(cwd, "units", unit)),
    ]);
    expect({ code, text }).toEqual({ code: 0, text: "" });
  },
);

test("cron: wakes faultline every quarter of an hour, which reads the zone itself", async () => {
  const { exitCode, out, cwd } = await emit("cron", { schedule: weekly(", catchUp: once") });
  expect(exitCode).toBe(0);
  const lines = out.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^0,15,30,45 \* \* \* \* cd \S+ && \S+node\S* \S+faultline\.js schedule --due /);
  expect(lines[0]).toContain(`${cwd}/day.yaml`);
  const changed = await emit("cron", {
    schedule: 'schedule: { cron: "30 2 * * MON#1", timezone: Europe/Berlin }',
  });
  expect(changed.exitCode).toBe(0);
});

/** As far as it is looked at here. */
interface Manifest {
  readonly kind: string;
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly schedule: string;
    readonly timeZone: string;
    readonly concurrencyPolicy: string;
    readonly startingDeadlineSeconds: number;
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly image: string;
    readonly env: readonly { readonly name: string }[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly resources: Readonly<Record<string, unknown>>;
  }[];
}

function manifests(text: string): readonly Manifest[] {
  // What we have written ourselves.
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

test("kubernetes: a CronJob that may do little, with the files in a ConfigMap", async () => {
  const { exitCode, out } = await emit(
    "kubernetes",
    { notify: 'notify: [{ webhook: "${env.HOOK:-http://127.0.0.1:1}", on: [start] }]' },
    "--image",
    "registry.test/shop:1",
  );
  expect(exitCode).toBe(0);
  const all = manifests(out);
  expect(all.map(({ kind }) => kind)).toEqual(["ConfigMap", "PersistentVolumeClaim", "CronJob"]);
  expect(all[0]?.data["a.yaml"]).toBe(GAME_DAY_FILES["a.yaml"]);
  expect(all[0]?.data["day.yaml"]).toContain("${env.HOOK:-");
  const spec = all[2]?.spec;
  expect(spec).toMatchObject({
    schedule: "0 10 * * 5",
    timeZone: "Europe/Berlin",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 300,
  });
  const pod = spec?.jobTemplate.spec.template.spec;
  expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true });
  const [container] = pod?.containers ?? [];
  expect(container).toMatchObject({
    image: "registry.test/shop:1",
    args: ["schedule", "--now", "--out", "/data/reports", "/gameday/day.yaml"],
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    },
    resources: { requests: { memory: "512Mi" }, limits: { memory: "1Gi" } },
  });
  expect(container?.env.map(({ name }) => name)).toEqual(["FAULTLINE_STATE_DIR", "HOOK"]);
});

test.skipIf(!hasProgram("kubernetes-validate"))("kubernetes: the published schema accepts it", async () => {
  const { cwd } = await emit("kubernetes", {}, "--out", "k8s");
  const file = join(cwd, "k8s", "faultline-checkout-friday.yaml");
  const { code, text } = runProgram("kubernetes-validate", ["--strict", file]);
  expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
});

test("kubernetes: a scenario that names other files is refused", async () => {
  const { exitCode, err } = await emit("kubernetes", { scenarios: "scenarios: [a.yaml]" });
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  const cwd = folderWith({
    ...GAME_DAY_FILES,
    "shared.yaml": "slos: [p99 < 1s]\n",
    "c.yaml": `include: shared.yaml\n${scenarioText()}`,
    "day.yaml": gameDayText({ schedule: weekly(), scenarios: "scenarios: [c.yaml]" }),
  });
  const io = testIo({ cwd });
  expect(await main(["schedule", "--emit", "kubernetes", "day.yaml"], io)).toBe(2);
  expect(io.err()).toContain("day.yaml:4:12: c.yaml names other files, which would have to go along");
});

test("github-actions: a workflow with the zone, one at a time", async () => {
  const { exitCode, out } = await emit("github-actions");
  expect(exitCode).toBe(0);
  expect(parse(out)).toMatchObject({
    name: "Checkout Friday",
    on: { schedule: [{ cron: "0 10 * * 5", timezone: "Europe/Berlin" }] },
    concurrency: { group: "faultline-checkout-friday", "cancel-in-progress": false },
  });
  expect(out).toContain('npx faultline schedule --now "$GAME_DAY"');
});

test.skipIf(!hasProgram("actionlint"))("github-actions: actionlint accepts it", async () => {
  const notify = 'notify: [{ webhook: "${env.HOOK:-http://127.0.0.1:1}", on: [start] }]';
  const { cwd } = await emit("github-actions", { notify }, "--out", "workflows");
  const { code, text } = runProgram("actionlint", [join(cwd, "workflows", "faultline-checkout-friday.yml")]);
  expect({ code, text }).toEqual({ code: 0, text: "" });
});

test("gitlab: a job for the schedule, and the command that makes the schedule", async () => {
  const { exitCode, out } = await emit("gitlab");
  expect(exitCode).toBe(0);
  expect(out).toContain('--cron "0 10 * * 5" --cronTimeZone "Europe/Berlin"');
  expect(parse(out)).toMatchObject({
    "faultline-checkout-friday": {
      rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule" && $GAMEDAY == "checkout-friday"' }],
      resource_group: "faultline-checkout-friday",
    },
  });
});

test.each([
  ["systemd", "30 2 * * *", "Europe/Berlin", "systemd does not keep 02:30 Europe/Berlin as a game day does"],
  [
    "kubernetes",
    "30 1 * * *",
    "America/New_York",
    "Kubernetes does not keep 01:30 America/New_York as a game day",
  ],
  ["kubernetes", "15 2 * * *", "Australia/Lord_Howe", "Kubernetes does not keep 02:15 Australia/Lord_Howe"],
  [
    "github-actions",
    "*/30 * * * *",
    "Europe/Berlin",
    "GitHub does not keep 02:00 Europe/Berlin as a game day does",
  ],
  ["github-actions", "*/2 * * * *", "UTC", "GitHub starts a workflow every 5 minutes at most"],
  ["gitlab", "0 10 * * MON#1", "UTC", "GitLab has no `MON#1` in its cron lines"],
  ["kubernetes", "0 10 L * *", "UTC", "Kubernetes has no `L` in its cron lines"],
  ["systemd", "0 10 15W * *", "UTC", "systemd has no words for `15W`"],
])("%s and `%s` %s: refused at its place, with the reason", async (engine, cron, timezone, message) => {
  const schedule = `schedule: { cron: "${cron}", timezone: ${timezone} }`;
  const { exitCode, out, err } = await emit(engine, { schedule });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  expect(err).toContain(`day.yaml:3:19: ${message}`);
});

test.each(["github-actions", "gitlab"])("%s never catches up", async (engine) => {
  const { exitCode, err } = await emit(engine, { schedule: weekly(", catchUp: once") });
  expect(exitCode).toBe(2);
  expect(err).toMatch(/day\.yaml:3:\d+: Git(Hub|Lab) never runs later what it has missed/);
});

test("hours that clocks change are kept where the zone has no changes, and days or weekdays are told apart", async () => {
  const utc = await emit("kubernetes", { schedule: 'schedule: { cron: "30 2 1 * MON", timezone: UTC }' });
  expect(utc.out).toContain('schedule: "30 2 1 * 1"');
  const timer = await emit("systemd", {
    schedule: 'schedule: { cron: "30 2 1 * MON", timezone: Asia/Kolkata }',
  });
  expect(timer.out).toContain(
    "OnCalendar=*-*-01 02:30:00 Asia/Kolkata\nOnCalendar=Mon *-*-* 02:30:00 Asia/Kolkata\n",
  );
});

test("--out writes files, and without a schedule nothing is written", async () => {
  const { exitCode, out, err, cwd } = await emit("systemd", {}, "--out", "units");
  expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" });
  expect(err).toBe("units/faultline-checkout-friday.service\nunits/faultline-checkout-friday.timer\n");
  expect(readFileSync(join(cwd, "units", "faultline-checkout-friday.timer"), "utf8")).toContain("[Timer]");
  writeFileSync(join(cwd, "day.yaml"), gameDayText({ schedule: "" }));
  const io = testIo({ cwd });
  expect(await main(["schedule", "--emit", "cron", "day.yaml"], io)).toBe(2);
  expect(io.err()).toContain("day.yaml:2:7: `schedule` is missing, so it is never due");
});
