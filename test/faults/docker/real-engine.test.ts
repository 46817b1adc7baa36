import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { undoEntries } from "../../../src/faults/undo-entries.js";
import { dockerActions, dockerFaults } from "../../helpers/docker/docker-faults.js";
import { realEngine, untilEnded } from "../../helpers/docker/real-engine.js";

/** Containers are made and removed here; none that was there before is touched. */
const engine = realEngine();
const run = test.runIf(engine !== null);

/** Starts a container as compose does, and removes it after the test. */
function started(service: string, ...options: readonly string[]) {
  const project = `faultline${randomBytes(4).toString("hex")}`;
  const labels = { project, service, oneoff: "False" };
  const args = Object.entries(labels).flatMap(([key, value]) => [
    "--label",
    `com.docker.compose.${key}=${value}`,
  ]);
  const network = options.includes("--network") ? [] : ["--network", "none"];
  const id = engine!.docker(...untilEnded(...network, ...args, ...options));
  onTestFinished(() => void engine!.docker("rm", "--force", id));
  const state = (format: string) => engine!.docker("inspect", "--format", format, id);
  return { id, project, state };
}

async function open(actions: ReturnType<typeof dockerActions>, project: string | null) {
  return dockerFaults(engine!.host, actions, { docker: { host: engine!.host, project } });
}

run("kill: the container ends, and runs again within the fault", async () => {
  const { project, state } = started("cache", "--restart", "always");
  const actions = dockerActions({ service: "cache", kill: "SIGKILL", restart: "1s" });
  const { faults } = await open(actions, project);
  await faults.inject(actions);
  expect(state("{{.State.Running}} {{.State.ExitCode}}")).toBe("false 137");
  await wait(2_500);
  expect(state("{{.State.Running}}")).toBe("true");
  const { proven, explanation } = await faults.prove();
  expect(explanation).toMatch(/was killed \(SIGKILL\), exit code 137, and was started again after/);
  expect(proven).toBe(true);
  await faults.clear();
});

run("a signal that is not its own: its restart policy brings it back, which is told", async () => {
  const { project, state } = started("cache", "--restart", "always", "--stop-signal", "SIGQUIT");
  const actions = dockerActions({ service: "cache", kill: "SIGTERM" });
  const { faults, events } = await open(actions, project);
  await faults.inject(actions);
  await expect.poll(() => faults.overSinceMs(), { timeout: 5_000 }).not.toBeNull();
  expect(state("{{.State.Running}} {{.RestartCount}}")).toBe("true 1");
  expect(events.at(-1)).toMatch(/ runs again: started by its restart policy \(always\)$/);
  expect((await faults.prove()).explanation).toMatch(
    /, but its restart policy \(always\) started it again after \S+ s, so that/,
  );
  await faults.clear();
});

run("stop: its own signal, and another process starts it again", async () => {
  const { project, state } = started("cache");
  const actions = dockerActions({ service: "cache", stop: true, grace: "5s" });
  const { faults, entries } = await open(actions, project);
  await faults.inject(actions);
  expect(state("{{.State.Running}} {{.State.ExitCode}}")).toBe("false 0");
  expect((await faults.prove()).proven).toBe(true);
  const { did, failures } = await undoEntries(JSON.parse(JSON.stringify(entries)), { dryRun: false });
  expect({ did: did.length, failures }).toEqual({ did: 1, failures: [] });
  expect(state("{{.State.Running}}")).toBe("true");
});

run("restart and pause, each by the engine's word", async () => {
  const { project, state } = started("cache");
  const startedAt = state("{{.State.StartedAt}}");
  const again = dockerActions({ service: "cache", restart: true, grace: "5s" });
  const frozen = dockerActions({ service: "cache", pause: true });
  const { faults } = await open([...again, ...frozen], project);
  await faults.inject(again);
  await wait(1_000);
  expect(state("{{.State.StartedAt}}")).not.toBe(startedAt);
  expect((await faults.prove()).explanation).toMatch(/was restarted(, exit code \d+)?, and ran again after/);
  await faults.clear();
  await faults.inject(frozen);
  expect(state("{{.State.Paused}}")).toBe("true");
  const { proven, explanation } = await faults.prove();
  expect(proven, explanation).toBe(true);
  await faults.clear();
  expect(state("{{.State.Paused}}")).toBe("false");
});

run("disconnect: off its networks, and back with its aliases and its fixed address", async () => {
  const subnet = 16 + Math.floor(Math.random() * 200);
  const [back, front] = ["back", "front"].map((name) => `faultline${randomBytes(4).toString("hex")}-${name}`);
  engine!.docker("network", "create", "--subnet", `10.231.${subnet}.0/24`, back!);
  engine!.docker("network", "create", front!);
  onTestFinished(() => void engine!.docker("network", "rm", back!, front!));
  const address = `10.231.${subnet}.77`;
  const { id, project, state } = started(
    "cache",
    "--network",
    back!,
    "--ip",
    address,
    "--network-alias",
    "redis",
  );
  engine!.docker("network", "connect", "--alias", "cache", front!, id);
  // What the engine works out anew, such as an endpoint's id, is left out.
  const settings = () => {
    const networks: Record<string, Record<string, unknown>> = JSON.parse(
      state("{{json .NetworkSettings.Networks}}"),
    );
    return Object.entries(networks)
      .map(([name, { IPAMConfig, Aliases, Links, DriverOpts }]) => ({
        name,
        IPAMConfig,
        Aliases,
        Links,
        DriverOpts,
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };
  const before = settings();
  // Podman does not say which address was set.
  if (before.some(({ IPAMConfig }) => IPAMConfig !== null)) expect(JSON.stringify(before)).toContain(address);
  const actions = dockerActions({ service: "cache", disconnect: true });
  const { faults, entries } = await open(actions, project);
  await faults.inject(actions);
  expect(state("{{json .NetworkSettings.Networks}}")).toBe("{}");
  const { proven, explanation } = await faults.prove();
  expect(proven, explanation).toBe(true);
  const undone = await undoEntries(JSON.parse(JSON.stringify(entries)), { dryRun: false });
  expect({ did: undone.did.length, failures: undone.failures }).toEqual({ did: 2, failures: [] });
  expect(settings()).toEqual(before);
  await faults.clear();
  expect(settings()).toEqual(before);
});

run(
  "a task of a Swarm service is killed, the service is scaled to zero and back, and updated by force",
  { timeout: 60_000 },
  async (context) => {
    if (engine!.docker("info", "--format", "{{.Swarm.ControlAvailable}}") !== "true")
      context.skip("the engine is no manager of a Swarm: docker swarm init makes it one");
    const name = `faultline${randomBytes(4).toString("hex")}`;
    const [, , ...how] = untilEnded();
    engine!.docker(
      "service",
      "create",
      "--detach",
      "--name",
      name,
      "--replicas",
      "2",
      "--network",
      "host",
      "--no-resolve-image",
      ...how,
    );
    onTestFinished(() => void engine!.docker("service", "rm", name));
    const tasks = () =>
      engine!.docker("service", "ls", "--filter", `name=${name}`, "--format", "{{.Replicas}}");
    await expect.poll(tasks, { timeout: 20_000 }).toBe("2/2");
    const [down, forced, killed] = [{ scale: 0 }, { update: "force" }, { kill: "SIGKILL", pick: 1 }].map(
      (deed) => dockerActions({ swarm: name, ...deed }),
    );
    const { faults } = await open([...down!, ...forced!, ...killed!], null);
    await faults.inject(killed!);
    expect((await faults.prove()).explanation).toMatch(
      /had 1 of 2 tasks killed \(SIGKILL\), and Swarm had not/,
    );
    // Swarm waits for 5 s.
    await expect
      .poll(async () => (await faults.prove()).explanation, { timeout: 20_000 })
      .toMatch(/had 1 of 2 tasks killed \(SIGKILL\), and another ran in its place after/);
    expect((await faults.prove()).proven).toBe(true);
    expect(faults.overSinceMs()).not.toBeNull();
    await faults.clear();
    await expect.poll(tasks, { timeout: 20_000 }).toBe("2/2");
    await faults.inject(down!);
    await expect.poll(tasks, { timeout: 20_000 }).toBe("0/0");
    await expect
      .poll(async () => (await faults.prove()).explanation, { timeout: 20_000 })
      .toMatch(/was scaled from 2 to 0, which it had after/);
    expect((await faults.prove()).proven).toBe(true);
    await faults.clear();
    await expect.poll(tasks, { timeout: 20_000 }).toBe("2/2");
    await faults.inject(forced!);
    await expect
      .poll(async () => (await faults.prove()).explanation, { timeout: 30_000 })
      .toMatch(/had 2 of 2 tasks replaced/);
    await faults.clear();
  },
);
