import { expect, test } from "vitest";
import { warmSockets } from "../../../src/load/sockets/warm-sockets.js";
import { sleep } from "../../../src/support/clock.js";

const ofSockets = () =>
  process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap" || kind === "TCPSocketWrap")
    .length;

test("it uses sockets, and leaves none", async () => {
  const before = ofSockets();
  const opening = warmSockets();
  let most = 0;
  let isDone = false;
  void opening.then(() => {
    isDone = true;
  });
  while (!isDone) {
    most = Math.max(most, ofSockets());
    await new Promise(setImmediate);
  }
  expect(most).toBeGreaterThan(before + 1);
  for (let tries = 0; ofSockets() > before && tries < 100; tries++) await sleep(10);
  expect(ofSockets()).toBe(before);
});
