import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ServiceSpec } from "../../../src/plan/run-plan.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { isListening } from "../../../src/run/reach/tcp-probe.js";
import type { ServiceJournal } from "../../../src/run/services/service-journal.js";
import {
  type RunningServices,
  type StartServicesOptions,
  startServices,
} from "../../../src/run/services/services.js";
import type { FaultlineError } from "../../../src/support/errors.js";
import { liveMembers, type ProcessGroup } from "../../../src/support/processes/process-group.js";
import { type ProcessId, startOf } from "../../../src/support/processes/process-table.js";
import { serviceSpec } from "../../helpers/service-spec.js";

let running: RunningServices | null = null;
/** Of the last start. */
const groupsStarted: ProcessGroup[] = [];
const folder = mkdtempSync(join(tmpdir(), "faultline-services-"));

afterEach(async () => {
  await running?.stop();
  running = null;
});

/** A service that runs this JavaScript. */
function service(code: string, changes: Partial<ServiceSpec> = {}): ServiceSpec {
  return serviceSpec([process.execPath, "-e", code], { cwd: folder, ...changes });
}

const noJournal: ServiceJournal = {
  serviceStarting() {},
  serviceStarted() {},
  serviceReady() {},
  serviceOutlived() {},
  cleanupNeeded() {},
  cleanupDone() {},
};

const listen = (port: number, then = "") =>
  `require("http").createServer((q, s) => s.end("ok")).listen(${port}, "127.0.0.1", () => {${then}})`;

async function start(specs: readonly ServiceSpec[], changes: Partial<StartServicesOptions> = {}) {
  const groups: ProcessGroup[] = groupsStarted;
  groups.length = 0;
  running = await startServices(specs, {
    runId: `test-${process.pid}`,
    env: process.env,
    secrets: [],
    signal: new AbortController().signal,
    journal: { ...noJournal, serviceStarted: (_, group) => groups.push(group) },
    ...changes,
  });
  return { services: running, groups };
}

async function failureOf(work: Promise<unknown>): Promise<FaultlineError> {
  return work.then(
    () => expect.unreachable("it started"),
    (error) => error,
  );
}

test("services start in order, each after the one before is ready, and stop in reverse", async () => {
  const log = join(folder, "order.log");
  const note = (word: string) => `require("fs").appendFileSync(${JSON.stringify(log)}, "${word}\\n")`;
  const specs = await Promise.all(
    ["first", "second"].map(async (name) => {
      const port = await pickFreePort();
      const code = `${note(`${name} starts`)};
        process.on("SIGTERM", () => { ${note(`${name} stops`)}; process.exit() });
        setTimeout(() => ${listen(port, note(`${name} listens`))}, 150)`;
      return service(code, { name, ready: `http://127.0.0.1:${port}/health` });
    }),
  );
  const { services } = await start(specs);
  await services.stop();
  expect(readFileSync(log, "utf8").trim().split("\n")).toEqual([
    "first starts",
    "first listens",
    "second starts",
    "second listens",
    "second stops",
    "first stops",
  ]);
});

test("a status of 500 or more is not ready yet; a tcp check takes any listener", async () => {
  const port = await pickFreePort();
  const code = `const began = Date.now();
    require("http").createServer((q, s) => { s.statusCode = Date.now() - began > 400 ? 404 : 503; s.end() }).listen(${port})`;
  const began = performance.now();
  const { services } = await start([service(code, { ready: `http://127.0.0.1:${port}` })]);
  expect(performance.now() - began).toBeGreaterThan(400);
  await services.stop();
  await start([service(listen(port), { ready: `tcp://127.0.0.1:${port}` })]);
});

test("a service that dies before it is ready is reported at once, with its last output", async () => {
  const port = await pickFreePort();
  const began = performance.now();
  const error = await failureOf(
    start([
      service(`console.log("connecting"); console.error("no database at db:5432"); process.exitCode = 3`, {
        ready: `http://127.0.0.1:${port}`,
      }),
    ]),
  );
  expect(error.code).toBe("SERVICE_FAILED");
  expect(error.message).toContain('service "shop" exited with code 3 before it was ready');
  expect(error.message).toContain("| connecting");
  expect(error.message).toContain("| no database at db:5432");
  // Far below the deadline of 8 s.
  expect(performance.now() - began).toBeLessThan(4_000);
});

test("a service that never gets ready is stopped at its deadline, with what the last probe met", async () => {
  const port = await pickFreePort();
  const groups: ProcessGroup[] = [];
  const error = await failureOf(
    start(
      [service("setTimeout(() => {}, 120_000)", { ready: `tcp://127.0.0.1:${port}`, readyTimeoutMs: 400 })],
      {
        journal: { ...noJournal, serviceStarted: (_, group) => groups.push(group) },
      },
    ),
  );
  expect(error.code).toBe("SERVICE_FAILED");
  expect(error.message).toMatch(
    /was not ready within 0\.4 s \(tcp:.*connection refused\)\. It printed nothing/,
  );
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test("when the second service fails, the first one is stopped too", async () => {
  const groups: ProcessGroup[] = [];
  const living: unknown[] = [];
  await failureOf(
    start(
      [
        service("setTimeout(() => {}, 120_000)", { name: "first" }),
        service("process.exit(1)", { name: "second", ready: `tcp://127.0.0.1:${await pickFreePort()}` }),
      ],
      {
        journal: { ...noJournal, serviceStarted: (_, group) => groups.push(group) },
        onFailing: () => living.push(...groups.flatMap(liveMembers)),
      },
    ),
  );
  expect(groups).toHaveLength(2);
  // Whoever looks at the services hears of it while the first one still lives.
  expect(living).not.toEqual([]);
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test("a service that dies in mid-run is told once, with its last output", async () => {
  const failures: FaultlineError[] = [];
  const { services } = await start([service(`setTimeout(() => { throw new Error("out of cheese") }, 300)`)], {
    onExit: (failure) => failures.push(failure),
  });
  await expect.poll(() => failures.length, { timeout: 5_000 }).toBe(1);
  expect(failures[0]?.message).toContain('service "shop" exited with code 1 after it was ready');
  expect(failures[0]?.message).toContain("out of cheese");
  expect(services.records(Number)[0]?.exit).toBe("exited with code 1");
  expect(services.records(Number)[0]?.exitAtS).toBeGreaterThan(0);
  await services.stop();
  expect(failures).toHaveLength(1);
});

test("a service stopped by us has no exit in its record and is not a failure", async () => {
  const failures: FaultlineError[] = [];
  const { services } = await start([service("console.log('hello'); setTimeout(() => {}, 120_000)")], {
    onExit: (failure) => failures.push(failure),
  });
  await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 5_000 }).toBe("hello\n");
  await services.stop();
  expect(services.records(Number)[0]?.exit).toBeNull();
  expect(failures).toEqual([]);
});

test("grandchildren that ignore SIGTERM are killed after the grace, and stop waits for that", async () => {
  const ignoring = `process.on("SIGTERM", () => {}); console.log("deaf"); setTimeout(() => {}, 120_000)`;
  const code = `const { spawn } = require("child_process");
    for (let i = 0; i < 2; i++) spawn(process.execPath, ["-e", ${JSON.stringify(ignoring)}], { stdio: "inherit" });
    setTimeout(() => {}, 120_000)`;
  const { services, groups } = await start([service(code)]);
  await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toBe("deaf\ndeaf\n");
  expect(groups.flatMap(liveMembers)).toHaveLength(3);
  await services.stop();
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test("a grandchild is killed too when the service itself died before", async () => {
  const code = `const { spawn } = require("child_process");
    spawn(process.execPath, ["-e", "console.log('orphan'); setTimeout(() => {}, 120_000)"], { stdio: "inherit" });
    setTimeout(() => process.exit(7), 500)`;
  const failures: FaultlineError[] = [];
  const { services, groups } = await start([service(code)], { onExit: (failure) => failures.push(failure) });
  await expect.poll(() => failures.length, { timeout: 8_000 }).toBe(1);
  expect(groups.flatMap(liveMembers)).toHaveLength(1);
  await services.stop();
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "a daemon that left the session is found by its marker",
  async () => {
    const code = `const { spawn } = require("child_process");
    spawn(process.execPath, ["-e", "setTimeout(() => {}, 120_000)"], { detached: true, stdio: "ignore" }).unref();
    console.log("up"); setTimeout(() => {}, 120_000)`;
    const { services, groups } = await start([service(code)]);
    await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toBe("up\n");
    expect(groups.flatMap(liveMembers)).toHaveLength(2);
    await services.stop();
    expect(groups.flatMap(liveMembers)).toEqual([]);
  },
);

/** Runs this JavaScript in a daemon: in no session of the service's, with no environment, and with no parent left. */
const daemon = (code: string) =>
  `env -i setsid ${process.execPath} -e ${JSON.stringify(code.replaceAll('"', "'"))} >/dev/null 2>&1 &`;

test.runIf(process.platform === "linux")(
  "a daemon that cleared its environment is found by the port that it listens on",
  async () => {
    const port = await pickFreePort();
    const found: ProcessId[] = [];
    await start(
      [
        service("", {
          shell: true,
          // The middle one ends at once, so that its child has no parent of the service's.
          command: [`sh -c ${JSON.stringify(daemon(listen(port)))}; exec sleep 60`],
          ready: `tcp://127.0.0.1:${port}`,
        }),
      ],
      { journal: { ...noJournal, serviceReady: (_, daemons) => found.push(...daemons) } },
    );
    expect(found).toEqual([{ pid: expect.any(Number), start: expect.stringMatching(/\d/) }]);
    expect(startOf(found[0]!.pid)).toBe(found[0]!.start);
    await running?.stop();
    expect(await isListening("127.0.0.1", port)).toBe(false);
    expect(startOf(found[0]!.pid)).toBeNull();
  },
);

test.runIf(process.platform === "linux")(
  "a daemon that may still clear its environment is noted when its service is ready",
  async () => {
    const port = await pickFreePort();
    const found: ProcessId[] = [];
    const code = `require("child_process").spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).unref(); ${listen(port)}`;
    await start([service(code, { ready: `tcp://127.0.0.1:${port}` })], {
      journal: { ...noJournal, serviceReady: (_, daemons) => found.push(...daemons) },
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.pid).not.toBe(groupsStarted[0]?.pid);
    await running?.stop();
    expect(startOf(found[0]!.pid)).toBeNull();
  },
);

test.runIf(process.platform === "linux")(
  "a daemon of a service that never gets ready is ended as well",
  async () => {
    const port = await pickFreePort();
    const broken = `require("http").createServer((q, s) => { s.statusCode = 503; s.end(); }).listen(${port}, "127.0.0.1")`;
    const error = await failureOf(
      start([
        service("", {
          shell: true,
          command: [`sh -c ${JSON.stringify(daemon(broken))}; exec sleep 60`],
          ready: `http://127.0.0.1:${port}/`,
          readyTimeoutMs: 4_000,
        }),
      ]),
    );
    expect(error.message).toContain("status 503");
    expect(await isListening("127.0.0.1", port)).toBe(false);
  },
);

test.runIf(process.platform === "linux")(
  "a child in a session of its own with an environment of its own is found while its parent lives",
  async () => {
    const { services } = await start([
      service("", { shell: true, command: ["env -i setsid sleep 60 & echo $!; exec sleep 60"] }),
    ]);
    await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toMatch(/\d/);
    const pid = Number(services.records(Number)[0]?.outputTail);
    expect(startOf(pid)).not.toBeNull();
    await services.stop();
    expect(startOf(pid)).toBeNull();
  },
);

test("a port that somebody else listens on when all is stopped is said, with who that is, and is no clean end", async () => {
  const port = await pickFreePort();
  const { services } = await start([
    service(
      `const server = ${listen(port)}; process.on("SIGUSR2", () => server.close(() => console.log("closed")));`,
      {
        ready: `tcp://127.0.0.1:${port}`,
      },
    ),
  ]);
  const pid = groupsStarted.at(-1)?.pid ?? 0;
  process.kill(pid, "SIGUSR2");
  await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toBe("closed\n");
  // Not of the service: it is older.
  const foreign = createServer();
  await new Promise<void>((resolve) => foreign.listen(port, "127.0.0.1", resolve));
  running = null;
  const failure = services.stop();
  await expect(failure).rejects.toThrow(
    `127.0.0.1:${port}, the port of service "shop", is still listened on by process ${process.pid} (`,
  );
  foreign.close();
});

test("a service that keeps starting processes while it is being killed is ended with all of them", async () => {
  const { services, groups } = await start([
    service("", {
      shell: true,
      command: ["trap '' TERM; echo up; while :; do (trap '' TERM; sleep 30) & sleep 0.02; done"],
    }),
  ]);
  await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toBe("up\n");
  await services.stop();
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test("a stopped (SIGSTOP) service is ended as well", async () => {
  const { services, groups } = await start([
    service(`console.log("up"); process.kill(process.pid, "SIGSTOP"); setTimeout(() => {}, 120_000)`),
  ]);
  await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toBe("up\n");
  await services.stop();
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test("no shell reads the command unless asked", async () => {
  const { services } = await start([
    service(`console.log(process.argv[1]); setTimeout(() => {}, 120_000)`, {
      command: [
        process.execPath,
        "-e",
        "console.log(process.argv[1]); setTimeout(() => {}, 120_000)",
        "$HOME;ls|*",
      ],
    }),
    service("", { name: "shelled", shell: true, command: ["echo $((40 + 2)); exec sleep 60"] }),
  ]);
  await expect
    .poll(() => services.records(Number).map((record) => record.outputTail), { timeout: 8_000 })
    .toEqual(["$HOME;ls|*\n", "42\n"]);
});

test("the service's environment is laid over the one handed in, in its own folder", async () => {
  const code = `console.log(process.env.A, process.env.B, process.cwd()); setTimeout(() => {}, 120_000)`;
  const { services } = await start([service(code, { env: { B: "spec" } })], {
    env: { PATH: process.env.PATH, A: "parent", B: "parent" },
  });
  await expect
    .poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 })
    .toMatch(new RegExp(`^parent spec .*${folder.split("/").at(-1)}\n$`));
});

test.each([
  [{ command: ["no-such-program-here"] }, 'program "no-such-program-here" was not found (looked in PATH)'],
  [{ cwd: join(folder, "missing") }, "missing does not exist"],
  [{ command: [join(folder, "not-executable")] }, "may not be executed"],
  [
    { command: [join(folder, "windows.sh")] },
    'its interpreter "/bin/sh" was not found (first line of "' +
      `${join(folder, "windows.sh")}"): the line ends as on Windows (CRLF)`,
  ],
  [
    { command: ["elsewhere"], env: { PATH: folder } },
    'its interpreter "/no/such/shell" was not found (first',
  ],
])("a service that cannot be started says why: %j", async (changes, message) => {
  writeFileSync(join(folder, "not-executable"), "text", { mode: 0o644 });
  writeFileSync(join(folder, "windows.sh"), "#!/bin/sh\r\nexec sleep 9\r\n", { mode: 0o755 });
  writeFileSync(join(folder, "elsewhere"), "#!/no/such/shell\n", { mode: 0o755 });
  const error = await failureOf(start([service("", changes)]));
  expect(error.code).toBe("SERVICE_FAILED");
  expect(error.message).toContain(message);
});

test("another program on the ready port is refused before anything starts", async () => {
  const port = await pickFreePort();
  const foreign = createServer();
  await new Promise<void>((resolve) => foreign.listen(port, "127.0.0.1", resolve));
  const specs = [service("setTimeout(() => {}, 120_000)", { ready: `tcp://127.0.0.1:${port}` })];
  const groups: ProcessGroup[] = [];
  const journal = {
    ...noJournal,
    serviceStarted: (_: string, group: ProcessGroup) => groups.push(group),
  };
  const error = await failureOf(start(specs, { journal }));
  expect(error.code).toBe("PORT_IN_USE");
  expect(error.exitCode).toBe(4);
  expect(error.message).toContain(`127.0.0.1:${port}`);
  expect(groups).toEqual([]);
  // A listener of the run itself (a proxy) is no obstacle, by whichever of its names the check goes there.
  for (const own of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    await (await start(specs, { ownListeners: [own] })).services.stop();
  }
  expect((await failureOf(start(specs, { ownListeners: [`10.0.0.1:${port}`] }))).code).toBe("PORT_IN_USE");
  foreign.close();
});

test("an interrupt while waiting for readiness stops what was started, then rejects with its reason", async () => {
  const stop = new AbortController();
  const groups: ProcessGroup[] = [];
  const reason = new Error("SIGINT");
  setTimeout(() => stop.abort(reason), 300);
  const error = await failureOf(
    start([service("setTimeout(() => {}, 120_000)", { ready: `tcp://127.0.0.1:${await pickFreePort()}` })], {
      signal: stop.signal,
      journal: { ...noJournal, serviceStarted: (_, group) => groups.push(group) },
    }),
  );
  expect(error).toBe(reason);
  expect(groups.flatMap(liveMembers)).toEqual([]);
});

test("a service may open its output by name, as nginx in a container and shell scripts do", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("faultline-pipes-"));
  const script =
    'echo out > /dev/stdout; echo error > /dev/stderr; printf "%s" also >> /dev/fd/1; exec sleep 30';
  const { services } = await start([service("", { command: [script], shell: true })]);
  await expect.poll(() => services.records(Number)[0]?.outputTail, { timeout: 8_000 }).toContain("also");
  expect(services.records(Number)[0]?.outputTail).toMatch(/^out$/m);
  expect(services.records(Number)[0]?.outputTail).toContain("error\n");
  // Nothing of it is left under a name.
  const now = readdirSync(tmpdir()).filter((name) => name.startsWith("faultline-pipes-"));
  expect(now.filter((name) => !before.includes(name))).toEqual([]);
});

test("all that a crash prints is kept, also more than a pipe holds at once", async () => {
  const code = `process.stdout.write("x".repeat(200_000) + "\\n"); console.error("the reason"); process.exit(3)`;
  const failure = await failureOf(start([service(code, { ready: "tcp://127.0.0.1:9" })]));
  expect(failure.message).toContain("exited with code 3 before it was ready");
  expect(failure.message).toContain("the reason");
});
