import { createServer, type Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { healthProblem } from "../../../src/run/services/grpc-health.js";
import {
  answer,
  answerWithHead,
  framed,
  type ReceivedCall,
  startGrpcServer,
} from "../../helpers/grpc-server.js";

/** Asks a server that answers so. */
async function ask(
  onCall: (call: ReceivedCall) => void,
  path = "",
  timeoutMs = 5_000,
): Promise<string | null> {
  const server = await startGrpcServer(onCall);
  onTestFinished(() => server.down());
  return healthProblem(new URL(`${server.url.replace("http", "grpc")}${path}`), timeoutMs);
}

const says = (status: number) => (call: ReceivedCall) => answer(call, framed(Buffer.from([0x08, status])));

test.each([
  ["serves", says(1), null],
  ["does not serve", says(2), "NOT_SERVING"],
  ["leaves its status out", (call: ReceivedCall) => answer(call, framed(Buffer.alloc(0))), "UNKNOWN"],
  [
    "has no health service",
    (call: ReceivedCall) => answerWithHead(call, { "grpc-status": "12" }),
    "UNIMPLEMENTED: it has no grpc.health.v1.Health",
  ],
  [
    "does not know the service",
    (call: ReceivedCall) => answerWithHead(call, { "grpc-status": "5" }),
    "NOT_FOUND",
  ],
  [
    "is a gateway without it",
    ({ stream }: ReceivedCall) => stream.respond({ ":status": 503 }, { endStream: true }),
    "HTTP status 503",
  ],
  [
    "answers without a status",
    ({ stream }: ReceivedCall) => stream.respond({ ":status": 200 }, { endStream: true }),
    "an answer without grpc-status",
  ],
  ["closes", ({ stream }: ReceivedCall) => stream.session?.destroy(), "closed without answer"],
])("a server that %s", async (_, onCall, problem) => {
  expect(await ask(onCall)).toBe(problem);
});

test("the path names the service that is asked about", async () => {
  const bodies: Buffer[] = [];
  await ask((call) => {
    bodies.push(call.body);
    says(1)(call);
  }, "/shop.Quotes");
  expect(bodies).toEqual([framed(Buffer.from("\x0a\x0bshop.Quotes"))]);
});

test("a server that never answers, and one that speaks something else", async () => {
  expect(await ask(() => {}, "", 200)).toBe("no answer");
  const other: Server = createServer((socket) => socket.end("SSH-2.0-x\r\n"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    other.close();
  });
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await healthProblem(new URL(`grpc://127.0.0.1:${port}`), 2_000)).toEqual(expect.any(String));
});
