import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { RequestProblem } from "../../../../src/load/request-problem.js";
import type { LoadPlan } from "../../../../src/plan/load-plan.js";
import { settleLoad } from "../../../../src/run/reach/settle-load.js";
import { monotonicMs } from "../../../../src/support/clock.js";
import { askedCall, completed, planOf, problemOf } from "../../../helpers/asked-calls.js";
import {
  type AskedQuestion,
  honest,
  type ReflectionServer,
  refusal,
  servicesReply,
  startReflectionServer,
} from "../../../helpers/reflection-server.js";

/** What is said of a target that refuses: all of its reasons, and none of the secrets that it was sent. */

type Options = NonNullable<Parameters<typeof startReflectionServer>[0]>;

async function withServer<T>(options: Options, use: (server: ReflectionServer) => Promise<T>): Promise<T> {
  const server = await startReflectionServer(options);
  try {
    return await use(server);
  } finally {
    await server.down();
  }
}

const isList = ({ list_services: list }: AskedQuestion) => list !== undefined;

/** As long as a token with claims is. */
const SECRET = randomBytes(450).toString("base64url");

async function settled(load: LoadPlan): Promise<RequestProblem> {
  const error: unknown = await settleLoad({ load, secrets: [SECRET] }, new AbortController().signal).catch(
    (failure: unknown) => failure,
  );
  if (!(error instanceof RequestProblem)) throw error;
  return error;
}

const ECHOES: readonly (readonly [string, Options])[] = [
  [
    "in its status",
    {
      begin: (stream) => {
        const status = { "grpc-status": "16", "grpc-message": `invalid token "${SECRET}"` };
        stream.respond(
          { ":status": 200, "content-type": "application/grpc", ...status },
          { endStream: true },
        );
        return true;
      },
    },
  ],
  ["in a refusal", { answer: () => refusal(7, `not for "${SECRET}"`) }],
  ["in a refusal to say where a service is", { answer: () => refusal(5, `not for "${SECRET}"`) }],
  [
    "as the name of a service",
    { answer: (question) => (isList(question) ? servicesReply(`a.${SECRET}`, "b") : refusal(5, "")) },
  ],
];

test.each(ECHOES)("nothing of a long secret that the target says again is shown: %s", (_, options) =>
  withServer(options, async (server) => {
    const error = await settled(planOf(server.url, [askedCall()]));
    const shown = `${error.message} ${error.hint} ${JSON.stringify(error.complaints)}`;
    expect(shown).toContain("•••");
    const pieces = Array.from({ length: SECRET.length - 7 }, (__, at) => SECRET.slice(at, at + 8));
    expect(pieces.filter((piece) => shown.includes(piece))).toEqual([]);
  }),
);

test.each([7, 13, 14, 8])("a refusal with code %i is told, and never that there is no such service", (code) =>
  withServer(
    {
      answer: (question) =>
        isList(question) ? servicesReply("open.Orders") : refusal(code, "ask for role admin"),
    },
    async (server) => {
      const error = await problemOf(planOf(server.url, [askedCall()]));
      expect(error.code).toBe("REFLECTION_FAILED");
      expect(error.message).toMatch(
        new RegExp(`does not give the file of shop\\.Quotes: ${code} \\(\\w+\\), "ask for role admin"`),
      );
    },
  ),
);

test("a server that does not know one kind of question has a service of reflection", () =>
  withServer(
    {
      answer: (question) =>
        question.file_by_filename === undefined ? honest()(question) : refusal(12, "by symbol only"),
    },
    async (server) => {
      // Types of other files are asked for by their names then.
      expect(await completed(planOf(server.url, [askedCall()]))).toHaveLength(1);
      expect(server.asked.map(({ version }) => version)).toEqual(["v1"]);
    },
  ));

test("a target that lists no service is told as what it is", () =>
  withServer(
    { answer: (question) => (isList(question) ? servicesReply() : refusal(5, "")) },
    async (server) => {
      const error = await problemOf(planOf(server.url, [askedCall()]));
      expect(error.message).toContain("there is no service `shop.Quotes`");
      expect(error.hint).toBe("The target lists none.");
    },
  ));

test("both names of the service together have the time that is told", () =>
  withServer(
    {
      begin: (stream, version) => {
        if (version === "v1alpha") return true;
        const none = { ":status": 200, "content-type": "application/grpc", "grpc-status": "12" };
        setTimeout(() => stream.respond(none, { endStream: true }), 600);
        return true;
      },
    },
    async (server) => {
      const beganMs = monotonicMs();
      const error = await problemOf(planOf(server.url, [askedCall()]), 1_000);
      expect(error.message).toContain("within 1 s");
      // With the whole second for each of them it is 1.6 s.
      expect(monotonicMs() - beganMs).toBeLessThan(1_450);
      expect(server.asked).toHaveLength(2);
    },
  ));
