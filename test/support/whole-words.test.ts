import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { engineAccess } from "../../src/faults/docker/client/engine-access.js";
import { callEngine } from "../../src/faults/docker/client/engine-call.js";
import { EnvoyAdmin } from "../../src/faults/envoy/admin/envoy-admin.js";
import { ToxiproxyApi } from "../../src/faults/toxiproxy/client/toxiproxy-api.js";
import { unpack } from "../../src/load/answers/unpack.js";
import { digestChallenge } from "../../src/load/authentication/challenge.js";
import { HeardEvents } from "../../src/load/events/heard-events.js";
import { leadOf } from "../../src/load/sessions/redirect.js";
import { readPath } from "../../src/notation/url-reference.js";
import { parseNote } from "../../src/run/listening/note.js";
import { messageOf } from "../../src/support/errors.js";
import { redact } from "../../src/support/redact.js";
import { saidIn, shownWords, wholeOrSize } from "../../src/support/secrets/said.js";

const SECRET = "k5y.t2hq9w.z8x7c6v5b4n3";
/** Whatever a text is cut to, one of these ends in the middle of a secret. */
const BEFORE = [10, 20, 30, 70, 190, 290, 790, 990];

/** All that may be shown of what is said when a peer says the secret, at many places of its text. */
async function shownOf(say: (words: string) => string | Promise<string>): Promise<readonly string[]> {
  const said = await Promise.all(
    BEFORE.map(async (at) => say(`${"a".repeat(at)}.${SECRET}.${"b".repeat(40)}`)),
  );
  return said.map((text) => redact(text, [SECRET]));
}

const noHalf = expect.not.stringContaining(SECRET.slice(0, 4));

test("a text is whole, or only what it is and how long", () => {
  expect(wholeOrSize("short", 5)).toBe("short");
  expect(wholeOrSize("longer", 5)).toBe("a text of 6 characters");
  expect(wholeOrSize(` <!DOCTYPE html>${"x".repeat(2_000)}`)).toBe("a page of HTML of 2,016 characters");
  expect(shownWords(saidIn(`${"a".repeat(8)}${SECRET}`, 10), (text) => redact(text, [SECRET]), 10)).toBe(
    "aaaaaaaa••",
  );
});

test("no half of a secret is left of what a target says", async () => {
  const url = "http://shop.test/";
  const redirected = await shownOf((words) => {
    const lead = leadOf(302, `http://${words}.test/`, "GET", url, url);
    return lead.ok ? "" : lead.reason;
  });
  const captured = await shownOf((words) => {
    const read = readPath(`http://${words}.test/`, url);
    return read.ok ? "" : read.problem;
  });
  const challenge = (parameters: string) =>
    String(digestChallenge(["www-authenticate", `Digest realm="r", nonce="n", ${parameters}`]));
  const plan = { firstEventMs: null, events: null };
  const heard = (...headers: string[]) => new HeardEvents(plan, 0, 0, true, headers).problem ?? "";
  const all = [
    redirected,
    captured,
    await shownOf((words) => challenge(`algorithm="${words}"`)),
    await shownOf((words) => challenge(`algorithm=MD5, qop="${words}"`)),
    await shownOf((words) => heard("content-type", words)),
    await shownOf((words) => heard("content-type", "text/event-stream", "content-encoding", words)),
    await shownOf((words) => {
      try {
        return unpack(Buffer.from("x"), words).toString();
      } catch (error) {
        return messageOf(error);
      }
    }),
  ];
  for (const shown of all) {
    expect(shown[0]).toContain("•••");
    expect(shown).toEqual(shown.map(() => noHalf));
  }
});

test("no half of a secret is left of what a server of faults says", async () => {
  let answer: { readonly status: number; readonly body: string } = { status: 200, body: "" };
  const server = createServer((_, response) => {
    response.writeHead(answer.status).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${port}`;
  const docker = engineAccess(`tcp://127.0.0.1:${port}`, {});
  const asks: Readonly<Record<string, readonly [number, (words: string) => string, () => Promise<unknown>]>> =
    {
      docker: [
        409,
        (message) => JSON.stringify({ message }),
        () => callEngine(docker, { method: "POST", path: "/v1.44/containers/x/kill", timeoutMs: 5_000 }),
      ],
      "a refusal of Envoy": [400, (words) => words, () => new EnvoyAdmin(url).modify(new Map([["a", "1"]]))],
      "no Envoy": [200, (words) => words, () => new EnvoyAdmin(url).runtime()],
      "no Toxiproxy": [200, (words) => words, () => new ToxiproxyApi(url).proxies()],
      "a refusal of Toxiproxy": [400, (words) => words, () => new ToxiproxyApi(url).proxies()],
    };
  for (const [who, [status, body, ask]] of Object.entries(asks)) {
    const shown: string[] = [];
    for (const at of BEFORE) {
      answer = { status, body: body(`${"a".repeat(at)} ${SECRET} ${"b".repeat(40)}`) };
      const error = await ask().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      shown.push(redact(messageOf(error), [SECRET]));
    }
    expect(shown[0], who).toContain("•••");
    expect(shown, who).toEqual(shown.map(() => noHalf));
  }
});

test("no half of a secret is left of a note", () => {
  const note = { by: "alice", at: "2026-12-01T00:00:00.000Z" };
  const text = `${"a".repeat(990)} ${SECRET}`;
  expect(parseNote(JSON.stringify({ ...note, text }))?.text).toEqual(noHalf);
  expect(parseNote(JSON.stringify({ ...note, text: `a ${SECRET}` }))?.text).toBe(`a ${SECRET}`);
});
