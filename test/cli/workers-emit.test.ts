import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { main } from "../../src/cli/main.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { hasProgram } from "../helpers/has-program.js";
import { testIo } from "../helpers/test-io.js";
import { runProgram } from "../helpers/validators.js";

const SERVER = "tls://nats.example.com:4222";

async function emit(what: string, ...args: readonly string[]) {
  const io = testIo();
  const exitCode = await main(["workers", "--emit", what, ...args], io);
  return { exitCode, out: io.out(), err: io.err() };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

function manifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest; // what this test reads of it
  });
}

test("kubernetes: an Indexed Job, with a server beside it where none is named", async () => {
  const { exitCode, out } = await emit(
    "kubernetes",
    "--count",
    "5",
    "--image",
    "r.example.com/faultline:1",
    "--allow-host",
    "shop",
  );
  expect(exitCode).toBe(0);
  const all = manifests(out);
  expect(all.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    "Service faultline-nats",
    "Deployment faultline-nats",
    "Job faultline-workers",
  ]);
  expect(all[2]?.spec).toMatchObject({
    completionMode: "Indexed",
    completions: 5,
    parallelism: 5,
    backoffLimit: 0,
    template: {
      spec: {
        containers: [
          {
            image: "r.example.com/faultline:1",
            args: [
              "worker",
              "--once",
              "--nats",
              "nats://faultline-nats:4222",
              "--name",
              "worker-$(WORKER)",
              "--allow-host",
              "shop",
            ],
          },
        ],
      },
    },
  });
  expect(out).toContain("--expect-workers 5");
  const own = await emit("kubernetes", "--nats", SERVER);
  expect(manifests(own.out).map(({ kind }) => kind)).toEqual(["Job"]);
  expect(own.out).toContain(`--workers ${SERVER} --expect-workers 3`);
});

test.skipIf(!hasProgram("kubernetes-validate"))("kubernetes: the published schema accepts it", async () => {
  const file = join(await temporaryFolder(), "workers.yaml");
  writeFileSync(file, (await emit("kubernetes", "--allow-host", "*.example.com")).out);
  const { code, text } = runProgram("kubernetes-validate", ["--strict", file]);
  expect(code, text).toBe(0);
});

test("compose: so many containers, each with the key of whoever starts them", async () => {
  const { exitCode, out } = await emit("compose", "--count", "4", "--allow-host", "shop$1");
  expect(exitCode).toBe(0);
  const { services } = parse(out);
  expect(Object.keys(services)).toEqual(["nats", "worker"]);
  expect(services.worker.deploy).toEqual({ replicas: 4 });
  // There $ begins a variable.
  expect(services.worker.command).toEqual([
    "worker",
    "--nats",
    "nats://nats:4222",
    "--allow-host",
    "shop$$1",
  ]);
  expect(services.worker.environment.FAULTLINE_WORKERS_KEY).toMatch(/^\$\{FAULTLINE_WORKERS_KEY:\?/);
  // Nobody but this machine reaches a server without users.
  expect(services.nats.ports).toEqual(["127.0.0.1:4222:4222"]);
  const own = await emit("compose", "--nats", SERVER);
  expect(Object.keys(parse(own.out).services)).toEqual(["worker"]);
});

test("systemd: a template for as many as are wanted", async () => {
  const { exitCode, out } = await emit("systemd", "--nats", SERVER, "--allow-host", "100%.example.com");
  expect(exitCode).toBe(0);
  expect(out).toContain("faultline-worker@{1..3}");
  expect(out).toMatch(
    /^ExecStart=\S+node\S* \S+faultline\.js worker --nats tls:\S+ --allow-host 100%%\.example\.com --name %H-%i$/m,
  );
});

test("systemd: the sockets that workers may load go along, where the unit sees them", async () => {
  const { exitCode, out } = await emit("systemd", "--nats", SERVER, "--allow-socket", "/run/shop.sock");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^ExecStart=.* --allow-socket \/run\/shop\.sock --name %H-%i$/m);
});

test.skipIf(!hasProgram("systemd-analyze"))("systemd accepts the unit", async () => {
  const unit = join(await temporaryFolder(), "faultline-worker@.service");
  writeFileSync(unit, (await emit("systemd", "--nats", SERVER)).out);
  const { code, text } = runProgram("systemd-analyze", ["verify", unit]);
  expect({ code, text }).toEqual({ code: 0, text: "" });
});

test("what cannot be printed is refused", async () => {
  const refused = async (...args: readonly string[]) => {
    const { exitCode, err } = await emit(args[0] ?? "", ...args.slice(1));
    expect(exitCode).toBe(2);
    return err;
  };
  expect(await refused("systemd")).toContain("--emit systemd needs --nats URL");
  expect(await refused("nomad")).toContain("kubernetes, compose, systemd");
  expect(await refused("compose", "--nats", "https://nats")).toContain("expected nats://HOST:PORT");
  expect(await refused("compose", "--nats", "nats://me:secret@nats:4222")).not.toContain("secret");
  expect(await refused("compose", "--count", "0")).toContain("--count");
  const socket = (what: string, path: string) => refused(what, "--nats", SERVER, "--allow-socket", path);
  // A run has a socket loaded on its own machine, and a container is another one.
  for (const what of ["compose", "kubernetes"]) {
    expect(await socket(what, "/run/shop.sock")).toContain(`workers of --emit ${what} are in networks of`);
  }
  expect(await socket("systemd", "shop.sock")).toContain("expected an absolute path");
  for (const folder of ["/tmp", "/home", "/run/user"]) {
    expect(await socket("systemd", `${folder}/1/shop.sock`)).toContain(`does not see ${folder} of`);
  }
});
