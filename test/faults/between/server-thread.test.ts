import { expect, onTestFinished, test } from "vitest";
import { type PlaceServers, startPlaceServers } from "../../../src/faults/between/place-servers.js";

interface Questions {
  readonly seen: { readonly about: null; readonly answer: number };
}

/** A thread of servers that does what is given. */
async function start(program: string): Promise<PlaceServers<Questions>> {
  const servers = await startPlaceServers<Questions>({
    name: "the HTTP gateway",
    file: new URL(`data:text/javascript,${encodeURIComponent(program)}`),
    data: {},
    onLimit: () => undefined,
  });
  onTestFinished(() => servers.stop());
  return servers;
}

const IMPORT = 'import { parentPort } from "node:worker_threads";';
const LISTENING =
  'parentPort.postMessage({ said: { kind: "listening", addresses: new Map([["db", "127.0.0.1:9"]]) } });';

test("servers that cannot start say why", async () => {
  await expect(start('throw new Error("no port is free");')).rejects.toMatchObject({
    code: "GATEWAY_FAILED",
    exitCode: 4,
    message: "the HTTP gateway ended by itself (exit code 1): no port is free",
  });
});

test("servers that end in the middle of a run say why, and what is asked of them is refused", async () => {
  const servers = await start(
    `${IMPORT} ${LISTENING} parentPort.on("message", () => { throw new Error("out of memory"); });`,
  );
  expect(servers.addresses.get("db")).toBe("127.0.0.1:9");
  const refused = expect(servers.ask("seen", null)).rejects.toMatchObject({ code: "GATEWAY_FAILED" });
  expect(await servers.died).toBe("the HTTP gateway ended by itself (exit code 1): out of memory");
  await refused;
  await expect(servers.ask("seen", null)).rejects.toMatchObject({ code: "GATEWAY_FAILED" });
});
