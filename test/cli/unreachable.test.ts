import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";

/** The port of something that listens. */
async function listening(): Promise<number> {
  const server = createServer((client) => client.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  // Listening on a port, so an address is an object.
  return (server.address() as AddressInfo).port;
}

/** What a run prints of a scenario with this load and this upstream. */
async function run(load: string, upstream: string) {
  const folder = await temporaryFolder();
  const lines = [
    "faultline: 1",
    "name: Nobody is there",
    "evidence: observed",
    "allowHosts: [nosuch.invalid]",
    "proxies:",
    `  cache: { upstream: "${upstream}", listen: "127.0.0.1:${await pickFreePort()}" }`,
    `load: { rate: 50/s, ${load} }`,
    "slos: [availability >= 99%]",
    "faults: [{ name: slow, proxy: cache, latency: 5ms }]",
  ];
  await writeFile(join(folder, "s.yaml"), lines.join("\n"));
  const { code, stderr } = await faultline(["run", "s.yaml"], { cwd: folder });
  return { code, errors: stderr.slice(stderr.indexOf("error:")) };
}

test("a target that refuses is shown where it is written, with what to do", async () => {
  const target = `http://127.0.0.1:${await pickFreePort()}`;
  const { code, errors } = await run(`target: "${target}"`, `127.0.0.1:${await listening()}`);
  expect(code, errors).toBe(4);
  expect(errors.split("\n")).toEqual([
    `error: s.yaml:7:29: load.target ${target} cannot be reached: connection refused`,
    expect.stringContaining("    6 |   cache: {"),
    `  > 7 | load: { rate: 50/s, target: "${target}" }`,
    `      |                             ${"^".repeat(target.length + 2)}`,
    "    8 | slos: [availability >= 99%]",
    "  = Nothing listens there: is the port right? Start the service first, or name it under services: with `ready`.",
    "",
  ]);
});

test("with --json the error is on stdout as well, so that a script has something to read", async () => {
  const folder = await temporaryFolder();
  const target = `http://127.0.0.1:${await pickFreePort()}`;
  const text = `faultline: 1\nname: x\nload: { target: "${target}", rate: 5/s }\nslos: [availability >= 50%]\nevidence: observed\n`;
  await writeFile(join(folder, "s.yaml"), text);
  const { code, stdout } = await faultline(["run", "s.yaml", "--json"], { cwd: folder });
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toEqual({
    verdict: null,
    exitCode: 4,
    error: {
      code: "TARGET_UNREACHABLE",
      hint: expect.stringContaining("Nothing listens there"),
      message: expect.stringContaining(`${target} cannot be reached`),
    },
  });
});

test("an upstream that refuses is shown where it is written", async () => {
  const upstream = `127.0.0.1:${await pickFreePort()}`;
  const { code, errors } = await run("target: http://127.0.0.1:9", upstream);
  expect(code, errors).toBe(4);
  expect(errors).toContain(`s.yaml:6:22: the upstream of proxy "cache", ${upstream}, cannot be reached`);
  expect(errors).toContain("  = Nothing listens there: is the port right? Start the dependency first");
});

test.each([
  ["target: http://nosuch.invalid", null, "7:29: load.target http://nosuch.invalid cannot be reached"],
  [
    "target: http://127.0.0.1:9",
    "nosuch.invalid:6379",
    '6:22: the upstream of proxy "cache", nosuch.invalid:6379,',
  ],
])(
  "a name without an address is shown where it is written, and the advice is about names: %s %s",
  async (load, upstream, place) => {
    const { code, errors } = await run(load, upstream ?? `127.0.0.1:${await listening()}`);
    expect(code, errors).toBe(4);
    expect(errors).toContain(`s.yaml:${place}`);
    // Without a network the name server cannot even be asked.
    expect(errors).toMatch(
      /^ {2}= (Is the name misspelt, or missing in the DNS|The name server did not answer)/m,
    );
    expect(errors).not.toContain("Is the service running");
  },
);

test("a unix socket that is not there is shown where it is written", async () => {
  const { code, errors } = await run(
    "target: http://localhost, socket: shop.sock",
    `127.0.0.1:${await listening()}`,
  );
  expect(code, errors).toBe(4);
  expect(errors).toMatch(
    /s\.yaml:7:55: load\.socket \S+\/shop\.sock cannot be reached: there is no such file/,
  );
  expect(errors).toContain("  = Start the service that makes this socket first");
});
