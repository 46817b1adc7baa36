import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type ElasticsearchSpec, shownUrl } from "../../plan/telemetry/telemetry-spec.js";
import { type Exporter, NotTaken, type ToldBy } from "../exporter.js";
import { linesOf } from "../lines/lines.js";
import { post, saidIn } from "../post.js";

const MOST_AT_ONCE = 100;
/** There is a document of this id. It was taken at an earlier try, whose answer was lost. */
const IS_THERE = 409;
const TOO_MANY = 429;

/** Posts lines to whatever takes Elasticsearch's bulk API. */
export function elasticsearchExporter(
  { url, index, headers }: ElasticsearchSpec,
  { scenario }: ToldBy,
): Exporter {
  const bulk = `${url.replace(/\/+$/, "")}/_bulk`;
  const run = randomBytes(8).toString("hex");
  return {
    to: shownUrl(bulk),
    sends: ["phase_begun", "second", "phase_over", "event", "judged"],
    mostAtOnce: MOST_AT_ONCE,
    send: async (told, stop) => {
      // With an id of its own a line that is sent again is not there twice.
      const lines = told.flatMap((each) =>
        linesOf(each, scenario).flatMap((line, at) => [
          { create: { _index: index, _id: `${run}-${each.atMs}-${at}` } },
          line,
        ]),
      );
      const answer = await post(bulk, {
        headers: { ...headers, "Content-Type": "application/x-ndjson" },
        body: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
        stop,
      });
      refuseFailed(answer);
    },
  };
}

const item = z.object({
  status: z.number(),
  error: z.object({ type: z.string().default(""), reason: z.string().default("") }).optional(),
});
const answerSchema = z.object({ errors: z.boolean(), items: z.array(z.object({ create: item })) });

/** The server answers 200 also when it has taken no line. */
function refuseFailed(answer: unknown): void {
  const { data } = answerSchema.safeParse(answer);
  if (!data?.errors) return;
  const failed = data.items.flatMap(({ create }) =>
    create.error === undefined || create.status === IS_THERE ? [] : [create],
  );
  const worst = failed.find(({ status }) => status === TOO_MANY) ?? failed[0];
  if (worst === undefined) return;
  throw new NotTaken({
    id: worst.status === TOO_MANY ? "busy" : "refused",
    facts: { status: worst.status, said: saidIn(`${worst.error?.type}: ${worst.error?.reason}`) },
  });
}
