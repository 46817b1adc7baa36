import { fileURLToPath } from "node:url";
import { expect, test as oneTest } from "vitest";
import { testAtOnce } from "../../helpers/at-once.js";
import { loadOf, openCrew, startCountingTarget } from "../../helpers/crews.js";
import { loadPlan, openModel, totals } from "../../helpers/load-plans.js";
import { hasNats, startNats, startWorkers } from "../../helpers/real-nats.js";

const test = hasNats ? testAtOnce : (name: string) => oneTest.skip(name, () => {});

const file = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const CLIENT = {
  NATS_CA: file("ca.pem"),
  NATS_CERT: file("client.pem"),
  NATS_KEY: file("client.key"),
  NATS_USER: "load",
  NATS_PASSWORD: "open sesame",
};

/** It wants a certificate of its authority from each client, and a password. */
async function startGuarded() {
  const nats = await startNats(
    ...["--tlsverify", "--tlscert", file("server.pem"), "--tlskey", file("server.key")],
    ...["--tlscacert", file("ca.pem"), "--user", CLIENT.NATS_USER, "--pass", CLIENT.NATS_PASSWORD],
  );
  return nats.url.replace("nats:", "tls:");
}

test("run and workers meet at a server that asks for a certificate and a password", async () => {
  const url = await startGuarded();
  const target = await startCountingTarget();
  await startWorkers(url, ["a", "b"], [], CLIENT);
  const { crew } = await openCrew(url, { expect: 2, env: CLIENT });
  const session = await loadOf(crew, loadPlan(target.url, openModel(40)));
  await session.begin({ id: "only", limits: [] });
  while (target.requests.length < 40) await new Promise((resolve) => setTimeout(resolve, 20));
  await session.end();
  const { all } = await session.drain("only");
  const { scheduled, ok } = totals(all);
  expect(ok).toBe(scheduled);
  expect(target.requests).toHaveLength(scheduled);
});

const WRONG: readonly (readonly [string, Partial<typeof CLIENT>, string])[] = [
  ["another password", { NATS_PASSWORD: "open barley" }, "NATS_UNAUTHORIZED"],
  ["no password", { NATS_USER: "", NATS_PASSWORD: "" }, "NATS_UNAUTHORIZED"],
  ["no certificate", { NATS_CERT: "", NATS_KEY: "" }, "NATS_UNREACHABLE"],
  ["an authority that is not the server's", { NATS_CA: file("client.pem") }, "NATS_UNREACHABLE"],
  ["a file that is not there", { NATS_CA: file("nowhere.pem") }, "FILE_NOT_FOUND"],
];

test("nobody gets in with what is wrong, and the error has a code", async () => {
  const url = await startGuarded();
  for (const [what, changes, code] of WRONG) {
    const entered = openCrew(url, { expect: 1, env: { ...CLIENT, ...changes } });
    await expect(entered, what).rejects.toMatchObject({ code });
  }
});
