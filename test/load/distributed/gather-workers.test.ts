import { expect, test as oneTest } from "vitest";
import { toolVersion } from "../../../src/app/tool-version.js";
import { CALLS, offersOf, PROTOCOL, takingOf } from "../../../src/load/distributed/messages.js";
import { connectToNats } from "../../../src/load/distributed/nats-server.js";
import { networkPlace } from "../../../src/load/distributed/place.js";
import { keyProof, newRunKey } from "../../../src/load/distributed/sealing.js";
import { onTestFinished, testAtOnce } from "../../helpers/at-once.js";
import { loadOf, openCrew } from "../../helpers/crews.js";
import { startCrowd } from "../../helpers/crowd/start-crowd.js";
import { loadPlan, openModel } from "../../helpers/load-plans.js";
import { hasNats, says, startNats, startWorkers } from "../../helpers/real-nats.js";

/** The key where none is set. */
const KEY = networkPlace();

const test = hasNats ? testAtOnce : (name: string) => oneTest.skip(name, () => {});

async function connection(url: string) {
  const nats = await connectToNats({ url, env: {}, name: "test" });
  onTestFinished(() => nats.close());
  return nats;
}

test("nobody comes: an error after the deadline says so", async () => {
  const nats = await startNats();
  await expect(openCrew(nats.url, { withinMs: 700 })).rejects.toMatchObject({
    code: "WORKERS_MISSING",
    message: expect.stringMatching(/^no worker came within 0\.7 s at nats:\/\/127\.0\.0\.1:\d+$/),
  });
});

test("too few, and why the others do not count: they are busy, of another version, or have another key", async () => {
  const nats = await startNats();
  const [, stranger] = await startWorkers(nats.url, ["a", "b"]);
  await startWorkers(nats.url, ["c"], [], {
    FAULTLINE_WORKERS_KEY: "another key of sixteen".replaceAll(" ", "-"),
  });
  const first = await openCrew(nats.url, { expect: 1 });
  const busy = first.crew.names[0]?.split(" ")[0];
  const other = await connection(nats.url);
  other.subscribe(CALLS, {
    callback: (_, message) => {
      const { run } = message.json<{ run: string }>();
      const key = newRunKey(KEY).publicText;
      const id = "00000000000000ff";
      const proof = keyProof(KEY, "offer", run, id, key);
      const offer = { id, name: "d", host: "old", place: "p", isBusy: false, key, proof };
      other.publish(offersOf(run), JSON.stringify({ ...offer, protocol: PROTOCOL, version: "0.0.9" }));
    },
  });
  const failure = await openCrew(nats.url, { expect: 2, withinMs: 2_500 }).catch((error) => error);
  expect(failure.code).toBe("WORKERS_MISSING");
  expect(failure.message).toMatch(/^1 of 2 workers came within 2\.5 s at nats/);
  expect(failure.message).toMatch(new RegExp(`${busy} on .+ works for another run`));
  expect(failure.message).toMatch(/c on .+ has another FAULTLINE_WORKERS_KEY/);
  expect(failure.message).toMatch(/d on old is of faultline 0\.0\.9, and this is \d/);
  // The other one was let go again.
  await first.crew.close();
  const second = await openCrew(nats.url, { expect: 2 });
  expect(second.crew.names).toHaveLength(2);
  expect(stranger?.output()).toContain("works for a run");
});

test("of many that do not count ten are named, and the others are counted", async () => {
  const nats = await startNats();
  const { names } = await startCrowd(nats.url, 13);
  const { crew } = await openCrew(nats.url, { expect: names.length });
  const failure = await openCrew(nats.url, { expect: 1, withinMs: 2_500 }).catch((error) => error);
  expect(crew.names).toHaveLength(13);
  expect(failure.code).toBe("WORKERS_MISSING");
  expect(failure.message.match(/works for another run/g)).toHaveLength(10);
  expect(failure.message).toMatch(/; and 3 more$/);
});

test("a worker that was taken and heard no more may be taken again, by its run alone, and by the key that it has now", async () => {
  const nats = await startNats();
  await startWorkers(nats.url, ["a"]);
  const own = await connection(nats.url);
  const callAs = async (run: string) => {
    const offers = own.subscribe(offersOf(run), { max: 1 });
    const key = newRunKey(KEY).publicText;
    const call = { protocol: PROTOCOL, version: toolVersion(), run, key };
    own.publish(CALLS, JSON.stringify({ ...call, proof: keyProof(KEY, "call", run, key) }));
    for await (const offer of offers) return offer.json<{ id: string; key: string; isBusy: boolean }>();
    throw new Error("there was no offer");
  };
  const take = async (run: string, id: string, key: string) => {
    const asked = JSON.stringify({ run, proof: keyProof(KEY, "take", run, id, key) });
    return (await own.request(takingOf(id), asked, { timeout: 10_000 })).json<{ isTaken: boolean }>().isTaken;
  };
  const [run, other] = ["00000000000000aa", "00000000000000bb"];
  const { id, key } = await callAs(run);
  expect(await take(run, id, key)).toBe(true);
  expect(await take(run, id, key)).toBe(true);
  expect(await take(run, id, newRunKey(KEY).publicText)).toBe(false);
  const later = await callAs(other);
  expect(later.isBusy).toBe(true);
  expect(await take(other, id, later.key)).toBe(false);
});

test("a worker refuses a run of another version by name", async () => {
  const nats = await startNats();
  const [worker] = await startWorkers(nats.url, ["a"]);
  const failure = await openCrew(nats.url, { version: "9.9.9", withinMs: 1_500 }).catch((error) => error);
  expect(failure.message).toMatch(/a on .+ is of faultline \d.+, and this is 9\.9\.9/);
  if (worker) await says(worker, "refused a run of faultline 9.9.9: this worker is of ");
});

test("beyond this machine a key is needed, and a server that is not there has a name", async () => {
  await expect(openCrew("nats://192.0.2.1:4222")).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("FAULTLINE_WORKERS_KEY is not set"),
  });
  await expect(openCrew("nats://127.0.0.1:1")).rejects.toMatchObject({ code: "NATS_UNREACHABLE" });
  await expect(openCrew("http://127.0.0.1:4222")).rejects.toMatchObject({ code: "USAGE" });
});

test("credentials are taken from the environment, and wrong ones are told", async () => {
  const nats = await startNats("--user", "faultline", "--pass", "s3cret");
  await expect(openCrew(nats.url)).rejects.toMatchObject({ code: "NATS_UNAUTHORIZED" });
  const wrong = { NATS_USER: "faultline", NATS_PASSWORD: "guess" };
  await expect(openCrew(nats.url, { env: wrong })).rejects.toMatchObject({ code: "NATS_UNAUTHORIZED" });
  const env = { NATS_USER: "faultline", NATS_PASSWORD: "s3cret" };
  await startWorkers(nats.url, ["a"], [], env);
  expect((await openCrew(nats.url, { env })).crew.names).toHaveLength(1);
});

test("a target on this machine is refused for workers in another network", async () => {
  const nats = await startNats();
  const away = await connection(nats.url);
  const id = "00000000000000ee";
  const key = newRunKey(KEY);
  away.subscribe(CALLS, {
    callback: (_, message) => {
      const { run, version } = message.json<{ run: string; version: string }>();
      const proof = keyProof(KEY, "offer", run, id, key.publicText);
      const offer = { protocol: PROTOCOL, id, name: "far", host: "elsewhere", place: "another machine" };
      const answer = { ...offer, version, isBusy: false, key: key.publicText, proof };
      away.publish(offersOf(run), JSON.stringify(answer));
    },
  });
  away.subscribe(`faultline.worker.${id}`, {
    callback: (_, message) => void message.respond(JSON.stringify({ isTaken: true })),
  });
  const { crew } = await openCrew(nats.url, { expect: 1 });
  expect(crew.isHere).toBe(false);
  const target = { socketPath: null, tls: null };
  expect(() => crew.refuseUnshared({ ...target, url: "http://localhost:8080/" })).toThrow(
    "load.target http://localhost:8080/ is on this machine, and worker far on elsewhere is in another network",
  );
  expect(() => crew.refuseUnshared({ ...target, url: "http://shop/", socketPath: "/run/shop.sock" })).toThrow(
    /socket/,
  );
  expect(() => crew.refuseUnshared({ ...target, url: "http://shop.example.com/" })).not.toThrow();
});

test("a worker loads only hosts that it was started for, and says what it cannot reach", async () => {
  const nats = await startNats();
  await startWorkers(nats.url, ["a"]);
  const { crew } = await openCrew(nats.url, { expect: 1 });
  await expect(loadOf(crew, loadPlan("http://192.0.2.7:80/", openModel(10)))).rejects.toMatchObject({
    code: "HOST_NOT_ALLOWED",
    message: expect.stringMatching(/^worker a: .+ was started without --allow-host 192\.0\.2\.7$/),
  });
  const again = await openCrew(nats.url, { expect: 1 });
  await expect(loadOf(again.crew, loadPlan("http://127.0.0.1:1/", openModel(10)))).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
  });
  const few = await openCrew(nats.url, { expect: 1 });
  await expect(loadOf(few.crew, loadPlan("http://127.0.0.1:1/", openModel(10, 0)))).rejects.toMatchObject({
    code: "SCENARIO_INVALID",
  });
});

test("who does not know this machine has no key, and a key that is none costs a run nothing", async () => {
  const nats = await startNats();
  const other = await connection(nats.url);
  const offers: string[] = [];
  other.subscribe(CALLS, {
    callback: (_, message) => {
      const { run, version } = message.json<{ run: string; version: string }>();
      const offer = (name: string, workersKey: string, key: string) => {
        const id = `00000000000000${name}`;
        const proof = keyProof(workersKey, "offer", run, id, key);
        const what = { protocol: PROTOCOL, version, id, name, host: "far", place: "p", isBusy: false };
        other.publish(offersOf(run), JSON.stringify({ ...what, key, proof }));
        offers.push(name);
      };
      offer("a0", "", newRunKey("").publicText);
      offer("b0", KEY, "no key");
    },
  });
  const failure = await openCrew(nats.url, { expect: 1, withinMs: 1_500 }).catch((error) => error);
  expect(offers).toContain("b0");
  expect(failure.code).toBe("WORKERS_MISSING");
  expect(failure.message).toContain("a0 on far has another FAULTLINE_WORKERS_KEY");
});

test("a worker writes no ids down, and loads a socket only when it was started for it", async () => {
  const nats = await startNats();
  await startWorkers(nats.url, ["a"], ["--allow-socket", "/run/none.sock"]);
  const plan = loadPlan("http://127.0.0.1:1/", openModel(10));
  const withIds = await openCrew(nats.url, { expect: 1 });
  await expect(loadOf(withIds.crew, { ...plan, ids: { folder: "/tmp", noted: [] } })).rejects.toMatchObject({
    code: "SCENARIO_INVALID",
  });
  const onSocket = (socketPath: string) => ({ ...plan, target: { ...plan.target, socketPath } });
  const other = await openCrew(nats.url, { expect: 1 });
  await expect(loadOf(other.crew, onSocket("/run/other.sock"))).rejects.toMatchObject({
    code: "HOST_NOT_ALLOWED",
    message: expect.stringContaining("--allow-socket /run/other.sock"),
  });
  const allowed = await openCrew(nats.url, { expect: 1 });
  await expect(loadOf(allowed.crew, onSocket("/run/none.sock"))).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
  });
});
