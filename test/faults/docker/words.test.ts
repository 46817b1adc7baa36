import { expect, test } from "vitest";
import { describeActions } from "../../../src/faults/describe.js";
import { parseEngineAddress } from "../../../src/faults/kinds/docker/engine-address.js";
import { maskAction } from "../../../src/faults/mask-action.js";
import { dockerActions } from "../../helpers/docker/docker-faults.js";

test.each([
  [
    { service: "cache", kill: "SIGKILL", restart: "10s" },
    "containers of cache killed (SIGKILL), started again after 10 s",
  ],
  [{ service: "cache", stop: true, pick: 1 }, "1 container of cache stopped"],
  [{ service: "cache", restart: true, pick: 2 }, "2 containers of cache restarted"],
  [{ container: "shop-db-1", pause: true }, "container shop-db-1 paused"],
  [{ container: "shop-db-1", disconnect: true }, "container shop-db-1 cut off from all networks"],
  [{ service: "db", disconnect: ["back", "front"] }, "containers of db cut off from network back, front"],
  [{ swarm: "api", scale: 0 }, "Swarm service api scaled to 0"],
  [{ swarm: "api", update: "force" }, "Swarm service api updated by force, task by task"],
])("%j is told in words", (input, text) => {
  expect(describeActions(dockerActions(input))).toBe(text);
});

test("a secret in a name is masked, and no word that programs read", () => {
  const [action] = dockerActions({ container: "kill", kill: "SIGKILL", restart: "1s" });
  const masked = maskAction(action!, (text) => text.replaceAll(/kill|SIGKILL|container/g, "•••"));
  expect(masked.spec).toEqual(action!.spec);
});

test.each([
  ["unix:///var/run/docker.sock", { kind: "unix", path: "/var/run/docker.sock" }],
  ["tcp://127.0.0.1:2375", { kind: "tcp", address: { host: "127.0.0.1", port: 2375 }, isTls: false }],
  ["tcp://[::1]", { kind: "tcp", address: { host: "::1", port: 2375 }, isTls: false }],
  ["https://engine.test/", { kind: "tcp", address: { host: "engine.test", port: 2376 }, isTls: true }],
  ["unix://docker.sock", null],
  ["tcp://127.0.0.1:0", null],
  ["tcp://host:2375/path", null],
  ["npipe:////./pipe/docker_engine", null],
  ["/var/run/docker.sock", null],
])("the address %s", (text, address) => {
  expect(parseEngineAddress(text)).toEqual(address);
});

test("with certificates tcp:// means TLS, at its own usual port", () => {
  expect(parseEngineAddress("tcp://engine.test", true)).toEqual({
    kind: "tcp",
    address: { host: "engine.test", port: 2376 },
    isTls: true,
  });
});
