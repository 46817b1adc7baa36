import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ServiceSpec } from "../../../src/plan/run-plan.js";
import { type StartServicesOptions, startServices } from "../../../src/run/services/services.js";
import { FaultlineError } from "../../../src/support/errors.js";
import { processTable } from "../../../src/support/processes/process-table.js";
import { serviceSpec } from "../../helpers/service-spec.js";

const NODE = process.execPath;
/** A service that prints a line, and ends by itself when no test ends it. */
const STAYS = 'console.log("service runs"); setTimeout(() => {}, 120_000)';

/** A folder, commands that write into its log, and what they have written. */
function logged() {
  const folder = mkdtempSync(join(tmpdir(), "faultline-start-"));
  const file = join(folder, "log");
  const say = (words: string, then = "") => [
    NODE,
    "-e",
    `require("fs").appendFileSync(${JSON.stringify(file)}, ${JSON.stringify(`${words}\n`)});${then}`,
  ];
  const lines = () => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);
  return { folder, say, lines };
}

/** What has ended may wait for its parent for some time. */
function isRunning(pid: number): boolean {
  return processTable.row(pid)?.isZombie === false;
}

async function start(specs: readonly ServiceSpec[], changes: Partial<StartServicesOptions> = {}) {
  const services = await startServices(specs, {
    runId: `test-${process.pid}-${performance.now()}`,
    env: process.env,
    secrets: [],
    signal: new AbortController().signal,
    ...changes,
  });
  onTestFinished(() => services.stop().catch(() => {}));
  return services;
}

async function failureOf(work: Promise<unknown>): Promise<FaultlineError> {
  const error = await work.then(
    () => expect.unreachable("it started"),
    (reason: unknown) => reason,
  );
  return error instanceof FaultlineError ? error : expect.unreachable(String(error));
}

test("each service is prepared, then started; it is cleaned up when it was stopped, before the one that it stands on", async () => {
  const { folder, say, lines } = logged();
  const ends = (name: string) =>
    `process.on("SIGTERM", () => { require("fs").appendFileSync(process.env.LOG, "${name} stops\\n"); process.exit() }); setTimeout(() => {}, 120_000); console.log("up")`;
  const spec = (name: string) => {
    return serviceSpec(say(`${name} starts`, ends(name)), {
      name,
      env: { LOG: join(folder, "log") },
      prepare: [say(`${name} one`), say(`${name} two`)],
      cleanup: [say(`${name} cleanup`)],
      readyLog: "^up$",
    });
  };
  const services = await start([spec("db"), spec("shop")]);
  await services.stop();
  expect(lines()).toEqual([
    "db one",
    "db two",
    "db starts",
    "shop one",
    "shop two",
    "shop starts",
    "shop stops",
    "shop cleanup",
    "db stops",
    "db cleanup",
  ]);
});

test("commands run in the service's folder, with its environment, and through a shell where it says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-start-"));
  const spec = serviceSpec([`exec ${NODE} -e '${STAYS}'`], {
    shell: true,
    cwd: folder,
    env: { WORD: "hello" },
    prepare: [["echo $WORD | tr a-z A-Z > prepared"]],
  });
  await start([spec]);
  expect(readFileSync(join(folder, "prepared"), "utf8")).toBe("HELLO\n");
});

test("a prepare command that fails ends the start with its output, and all that has begun is cleaned up", async () => {
  const { say, lines } = logged();
  const error = await failureOf(
    start([
      serviceSpec([NODE, "-e", STAYS], { name: "db", cleanup: [say("db cleanup")] }),
      serviceSpec(say("shop starts"), {
        prepare: [
          say("first"),
          [NODE, "-e", 'console.log("applying 0007"); console.error("no such table"); process.exit(3)'],
          say("third"),
        ],
        cleanup: [say("shop cleanup")],
      }),
      serviceSpec(say("late starts"), { name: "late", cleanup: [say("late cleanup")] }),
    ]),
  );
  expect(error.code).toBe("SERVICE_FAILED");
  expect(error.message).toMatch(
    /^prepare command `.*node -e .*` of service "shop" exited with code 3\. Its last output:/,
  );
  expect(error.message).toContain("| applying 0007");
  expect(error.message).toContain("| no such table");
  expect(lines()).toEqual(["first", "shop cleanup", "db cleanup"]);
});

test("a prepare command that cannot be started is named", async () => {
  const error = await failureOf(
    start([serviceSpec([NODE, "-e", STAYS], { prepare: [["no-such-program-here", "x"]] })]),
  );
  expect(error.message).toContain(
    'prepare command `no-such-program-here x` of service "shop" could not be started',
  );
  expect(error.message).toContain('program "no-such-program-here" was not found');
});

test("a prepare command that never ends is ended when its time is up, with its children", async () => {
  const { folder } = logged();
  const pids = join(folder, "pids");
  const child = `require("fs").appendFileSync(${JSON.stringify(pids)}, process.pid + "\\n"); setTimeout(() => {}, 120_000)`;
  const hangs = [
    NODE,
    "-e",
    `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); ${child}`,
  ];
  const spec = serviceSpec([NODE, "-e", STAYS], { prepare: [hangs], commandTimeoutMs: 2_500 });
  const error = await failureOf(start([spec]));
  expect(error.message).toContain("was not done within 2.5 s");
  for (const pid of readFileSync(pids, "utf8").trim().split("\n").map(Number)) {
    expect(isRunning(pid)).toBe(false);
  }
});

test("what a prepare command leaves running ends with it, and does not keep the service from starting", async () => {
  const { folder } = logged();
  const pidFile = join(folder, "pid");
  const leaves = `const c = require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 120_000)"], { stdio: "inherit", detached: true }); require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(c.pid)); c.unref()`;
  const services = await start([serviceSpec([NODE, "-e", STAYS], { prepare: [[NODE, "-e", leaves]] })]);
  expect(isRunning(Number(readFileSync(pidFile, "utf8")))).toBe(false);
  expect(services.running()[0]?.living()).not.toEqual([]);
});

test("an interrupted run ends the command that prepares, and cleans up", async () => {
  const { say, lines } = logged();
  const stop = new AbortController();
  const spec = serviceSpec(say("starts"), {
    prepare: [say("prepares", "setTimeout(() => {}, 120_000)")],
    cleanup: [say("cleanup")],
  });
  const starting = start([spec], { signal: stop.signal }).then(
    () => "started",
    (error: unknown) => error,
  );
  await expect.poll(lines, { timeout: 15_000 }).toEqual(["prepares"]);
  const reason = new Error("Ctrl-C");
  stop.abort(reason);
  expect(await starting).toBe(reason);
  expect(lines()).toEqual(["prepares", "cleanup"]);
});

test("a cleanup command that fails is told, and the others are run all the same", async () => {
  const { say, lines } = logged();
  const services = await start([
    serviceSpec([NODE, "-e", STAYS], { name: "db", cleanup: [say("db cleanup")] }),
    serviceSpec([NODE, "-e", STAYS], {
      cleanup: [
        [NODE, "-e", 'console.log("still in use"); process.exit(1)'],
        ["no-such-program-here"],
        say("shop cleanup"),
      ],
    }),
  ]);
  const message = await services.stop().then(
    () => "",
    (error: unknown) => String(error),
  );
  expect(message).toMatch(/cleanup command .* of service "shop" exited with code 1.*\n.*still in use/);
  expect(message).toContain('cleanup command `no-such-program-here` of service "shop" could not be started');
  expect(lines()).toEqual(["shop cleanup", "db cleanup"]);
});

test("a service is ready when a line of its output matches, whichever stream and piece it comes in", async () => {
  const { folder } = logged();
  const code = `console.log("not ready for connections yet");
    setTimeout(() => process.stderr.write("ready for"), 300);
    setTimeout(() => { require("fs").writeFileSync("said", ""); process.stderr.write(" connections on 5432\\n") }, 600);
    setTimeout(() => {}, 120_000)`;
  await start([serviceSpec([NODE, "-e", code], { cwd: folder, readyLog: "^ready for connections" })]);
  expect(existsSync(join(folder, "said"))).toBe(true);
});

test("a service that was started again has to print its line again", async () => {
  const { folder } = logged();
  const code = `const fs = require("fs"); const again = fs.existsSync("begun"); fs.writeFileSync("begun", "");
    setTimeout(() => { fs.writeFileSync(again ? "second" : "first", ""); console.log("up") }, again ? 700 : 0);
    setTimeout(() => {}, 120_000)`;
  const services = await start([serviceSpec([NODE, "-e", code], { cwd: folder, readyLog: "^up$" })]);
  const [service] = services.running();
  service?.expectEnd(true);
  await service?.startAgain(() => {});
  expect(existsSync(join(folder, "second"))).toBe(true);
});

test("a service that never prints its line says which one was waited for", async () => {
  const spec = serviceSpec([NODE, "-e", STAYS], { readyLog: "listening on \\d+", readyTimeoutMs: 600 });
  const error = await failureOf(start([spec]));
  expect(error.message).toContain(
    'was not ready within 0.6 s (log "listening on \\d+": no line of its output has it)',
  );
  expect(error.message).toContain("| service runs");
});

test("a service is ready when a command exits with 0; the command is run again until then", async () => {
  const { folder, say, lines } = logged();
  writeFileSync(join(folder, "tries"), "");
  const code = `const fs = require("fs"); fs.appendFileSync("tries", "x"); process.exit(fs.readFileSync("tries").length < 3 ? 2 : 0)`;
  await start([
    serviceSpec([NODE, "-e", STAYS], {
      cwd: folder,
      readyCommand: [NODE, "-e", code],
      readyTimeoutMs: 20_000,
    }),
    serviceSpec(say("second starts", STAYS), { name: "second" }),
  ]);
  expect(readFileSync(join(folder, "tries"), "utf8")).toBe("xxx");
  await expect.poll(lines, { timeout: 15_000 }).toEqual(["second starts"]);
});

test("a service that is never ready says what the command printed last", async () => {
  const command = [NODE, "-e", 'console.log("no response"); process.exit(2)'];
  const spec = serviceSpec([NODE, "-e", STAYS], { readyCommand: command, readyTimeoutMs: 1_500 });
  const error = await failureOf(start([spec]));
  expect(error.message).toMatch(
    /was not ready within 1\.5 s \(command `.*`: exited with code 2: no response\)/,
  );
});

test("all output is kept in its order, that of commands too, without secrets", async () => {
  const print = (words: string) => [NODE, "-e", `console.log("${words}")`];
  const spec = serviceSpec([NODE, "-e", STAYS], {
    prepare: [print("preparing with hunter2")],
    cleanup: [print("cleaning up")],
    readyLog: "service runs",
  });
  const services = await start([spec], { secrets: ["hunter2"] });
  await services.stop();
  expect(services.outputs()).toEqual([
    { service: "shop", text: "preparing with •••\nservice runs\ncleaning up\n" },
  ]);
});
