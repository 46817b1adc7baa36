import { afterAll, beforeAll, expect, test } from "vitest";
import { packetLossToxic } from "../../../../../src/faults/toxiproxy/embedded/toxics/packet_loss.js";
import { seededRandom } from "../../../../../src/support/random.js";
import { hold, ProxyBench, pattern, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

/** What becomes of so many pieces: true for each that got through. */
function fates(attributes: { loss_rate: number; correlation: number }, pieces: number): boolean[] {
  const passed: boolean[] = [];
  let acts = 0;
  const toxic = packetLossToxic.create(attributes, seededRandom(7));
  for (let i = 0; i < pieces; i++) {
    let sent = false;
    toxic.take(
      { bytes: Buffer.from("x"), atMs: 0 },
      {
        send: () => {
          sent = true;
        },
        hold() {},
        alarm() {},
        close() {},
        reset() {},
        acted: () => {
          acts += 1;
        },
      },
    );
    passed.push(sent);
  }
  expect(acts).toBe(passed.filter((sent) => !sent).length);
  return passed;
}

const shareLost = (passed: readonly boolean[]) => passed.filter((sent) => !sent).length / passed.length;

test("drops the share of pieces that loss_rate says, and says that it acted for each", () => {
  expect(Math.abs(shareLost(fates({ loss_rate: 0.1, correlation: 0 }, 20_000)) - 0.1)).toBeLessThan(0.01);
  expect(shareLost(fates({ loss_rate: 0, correlation: 1 }, 1_000))).toBe(0);
  expect(shareLost(fates({ loss_rate: -1, correlation: 1 }, 1_000))).toBe(0);
  expect(shareLost(fates({ loss_rate: 7, correlation: 0 }, 1_000))).toBe(1);
});

test("correlation makes the piece after a dropped one more likely to be dropped", () => {
  const passed = fates({ loss_rate: 0.1, correlation: 0.5 }, 40_000);
  const afterLoss = passed.filter((_, i) => i > 0 && !passed[i - 1]);
  const afterPass = passed.filter((_, i) => i > 0 && passed[i - 1]);
  expect(Math.abs(shareLost(afterLoss) - 0.6)).toBeLessThan(0.03);
  expect(Math.abs(shareLost(afterPass) - 0.1)).toBeLessThan(0.02);
});

test("what is dropped never comes; an end passes, and the connection outlives the toxic", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("packet_loss", { loss_rate: 1 });
  s.socket.write(pattern(10_000));
  await sleep(150);
  expect(c.received).toBe(0);
  await toxic.remove();
  s.socket.write("after");
  await c.got(5);
  expect(c.bytes.toString()).toBe("after");
  const again = await proxy.toxic("packet_loss", { loss_rate: 1 });
  s.socket.end("gone");
  expect(await c.closed()).toBe("fin");
  expect(c.bytes.toString()).toBe("after");
  await again.remove();
});
