import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Notice, Receiver } from "../../../src/gameday/notices/notice.js";
import { NoticeQueue } from "../../../src/gameday/notices/notice-queue.js";
import { monotonicMs } from "../../../src/support/clock.js";

const LIMITS = { attempts: 3, attemptTimeoutMs: 2_000, firstPauseMs: 20, endWaitMs: 20_000 };

const NOTICE: Notice = {
  event: "start",
  gameDay: "Checkout Friday",
  exerciseId: "20261127-100000-checkout-friday-1a2b",
  roles: {},
  at: "2026-11-27T10:00:00.000Z",
  scenario: null,
  verdict: null,
  text: "2 scenarios begin <!channel> & [more](x).",
};

interface Received {
  readonly url: string;
  readonly body: string;
}

/** A receiver of webhooks that keeps what it gets. */
async function receiver(answer: RequestListener) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ url: request.url ?? "", body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${portOf(server)}/hook/s3cret` };
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address !== "object" || address === null || !("port" in address)) throw new Error("no port");
  return Number(address.port);
}

async function told(receivers: readonly Receiver[], limits: Partial<typeof LIMITS> = {}, notice = NOTICE) {
  const queue = new NoticeQueue({
    receivers,
    folder: process.cwd(),
    env: process.env,
    limits: { ...LIMITS, ...limits },
  });
  queue.tell(notice);
  const notices = await queue.finish();
  expect(JSON.stringify(notices)).not.toContain("s3cret");
  return notices;
}

const reasons = (notices: Awaited<ReturnType<typeof told>>) =>
  notices.flatMap(({ attempts }) => attempts.map(({ reason }) => reason));

test("a receiver hears of its events only, in their order, with all facts", async () => {
  const { received, url } = await receiver((_, response) => response.end());
  const queue = new NoticeQueue({
    receivers: [{ webhook: url, on: ["start", "all-clear"] }],
    folder: process.cwd(),
    env: {},
    limits: LIMITS,
  });
  for (const event of ["start", "failure", "all-clear"] as const) queue.tell({ ...NOTICE, event });
  const notices = await queue.finish();
  expect(notices).toMatchObject([
    { event: "start", to: "notify[0], a webhook (generic)", delivered: true, attempts: [{ reason: null }] },
    { event: "all-clear", delivered: true },
  ]);
  expect(received.map(({ body }) => JSON.parse(body))).toEqual([
    { formatVersion: 1, ...NOTICE },
    { formatVersion: 1, ...NOTICE, event: "all-clear" },
  ]);
});

test("Slack gets a text, in which nothing of it acts", async () => {
  const { received, url } = await receiver((_, response) => response.end("ok"));
  await told([{ webhook: url, format: "slack", on: ["start"] }]);
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    text: `*Checkout Friday: start (${NOTICE.exerciseId})*\n2 scenarios begin &lt;!channel&gt; &amp; [more](x).`,
  });
});

test("Teams gets a message with one Adaptive Card", async () => {
  const { received, url } = await receiver((_, response) => response.writeHead(202).end());
  await told([{ webhook: url, format: "teams", on: ["start"] }]);
  const { type, attachments } = JSON.parse(received[0]?.body ?? "");
  expect(type).toBe("message");
  expect(attachments).toHaveLength(1);
  expect(attachments[0]).toMatchObject({
    contentType: "application/vnd.microsoft.card.adaptive",
    contentUrl: null,
    content: { type: "AdaptiveCard", version: "1.4" },
  });
  expect(attachments[0].content.body[1]).toEqual({
    type: "TextBlock",
    text: "2 scenarios begin <!channel> & \\[more\\]\\(x\\).",
    wrap: true,
  });
});

test("one that answers 500 is tried again until it takes it", async () => {
  let left = 2;
  const { url } = await receiver((_, response) => {
    response.writeHead(left-- > 0 ? 500 : 200).end();
  });
  const notices = await told([{ webhook: url, on: ["start"] }]);
  expect(notices[0]?.delivered).toBe(true);
  expect(reasons(notices)).toEqual(["status 500", "status 500", null]);
});

test("one that is down is tried as often as it may, and no more", async () => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  const notices = await told([{ webhook: `http://127.0.0.1:${port}/s3cret`, on: ["start"] }]);
  expect(notices[0]?.delivered).toBe(false);
  expect(reasons(notices)).toEqual(Array(3).fill("nothing listens there"));
});

test("one that never answers is left after its time", async () => {
  const { url } = await receiver(() => {});
  const notices = await told([{ webhook: url, on: ["start"] }], { attempts: 2, attemptTimeoutMs: 200 });
  expect(reasons(notices)).toEqual(Array(2).fill("no whole answer after 0.2 s"));
});

test("the end of the day waits for so long only, and says what was given up", async () => {
  const { url } = await receiver(() => {});
  const queue = new NoticeQueue({
    receivers: [{ webhook: url, on: ["start"] }],
    folder: process.cwd(),
    env: {},
    limits: { ...LIMITS, attemptTimeoutMs: 60_000, endWaitMs: 300 },
  });
  const beganMs = monotonicMs();
  queue.tell(NOTICE);
  queue.tell(NOTICE);
  expect(monotonicMs() - beganMs).toBeLessThan(1_000);
  const notices = await queue.finish();
  expect(monotonicMs() - beganMs).toBeLessThan(30_000);
  expect(notices.map(({ delivered, attempts }) => [delivered, attempts.length])).toEqual([
    [false, 1],
    [false, 0],
  ]);
  expect(reasons(notices)).toEqual(["stopped"]);
});

test("of an answer of ten gigabytes next to nothing is read", async () => {
  let sentBytes = 0;
  const chunk = Buffer.alloc(1_000_000);
  const { url } = await receiver((_, response) => {
    response.writeHead(200, { "Content-Length": String(10_000_000_000) });
    const more = () => {
      while (!response.destroyed && sentBytes < 10_000_000_000) {
        sentBytes += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on("drain", more);
    more();
  });
  const notices = await told([{ webhook: url, on: ["start"] }]);
  expect(notices[0]).toMatchObject({ delivered: true, attempts: [{ reason: null }] });
  expect(sentBytes).toBeLessThan(100_000_000);
});

test("a redirect is not followed, and not tried again", async () => {
  const elsewhere = await receiver((_, response) => response.end());
  const { url } = await receiver((_, response) => {
    response.writeHead(307, { Location: elsewhere.url }).end();
  });
  const notices = await told([{ webhook: url, on: ["start"] }]);
  expect(reasons(notices)).toEqual(["status 307: redirects are not followed"]);
  expect(elsewhere.received).toEqual([]);
});

test("one that refuses what it gets is not asked again", async () => {
  const { url } = await receiver((_, response) => response.writeHead(404).end("no_team s3cret"));
  expect(reasons(await told([{ webhook: url, on: ["start"] }]))).toEqual(["status 404"]);
});

test("a slow receiver does not keep others waiting", async () => {
  const slow = await receiver(() => {});
  const quick = await receiver((_, response) => response.end());
  const queue = new NoticeQueue({
    receivers: [
      { webhook: slow.url, on: ["start"] },
      { webhook: quick.url, on: ["start"] },
    ],
    folder: process.cwd(),
    env: {},
    limits: { ...LIMITS, attempts: 1, attemptTimeoutMs: 60_000, endWaitMs: 5_000 },
  });
  queue.tell(NOTICE);
  await expect.poll(() => quick.received.length, { timeout: 4_000 }).toBe(1);
  await queue.finish();
});

test("a command is told by variables and by JSON on stdin", async () => {
  const script = `process.stdin.toArray().then((parts) => {
    const notice = JSON.parse(Buffer.concat(parts).toString());
    const { FAULTLINE_EVENT, FAULTLINE_EXERCISE_ID } = process.env;
    process.exit(FAULTLINE_EVENT === "start" && notice.exerciseId === FAULTLINE_EXERCISE_ID ? 0 : 7);
  })`;
  const command = `node -e '${script}'`;
  expect(await told([{ command, on: ["start"] }], { attemptTimeoutMs: 20_000 })).toMatchObject([
    { to: "notify[0], a command", delivered: true },
  ]);
  const failing = await told([{ command: "false", on: ["start"] }]);
  expect(reasons(failing)).toEqual(Array(3).fill("exited with code 1"));
});
