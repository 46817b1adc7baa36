import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type ElasticsearchSpec, shownUrl } from "../../plan/telemetry/telemetry-spec.js";
import { saidIn } from "../../support/secrets/said.js";
import { urlUnder } from "../../support/url-under.js";
import { type Exporter, NotTaken, type ToldBy } from "../exporter.js";
import { linesOf } from "../lines/lines.js";
import { isForNow, type PostAnswer, post } from "../post.js";

const MOST_AT_ONCE = 100;
/** There is a document of this id. It was taken at an earlier try, whose answer was lost. */
const IS_THERE = 409;
/** What is asked for of the answer: what became of each document, and no more. */
const ANSWERED = { filter_path: "errors,items.*.status,items.*.error" };
/** A reason for each of some thousand documents. */
const MOST_ANSWER_BYTES = 4_000_000;

/** Posts lines to whatever takes Elasticsearch's bulk API. */
export function elasticsearchExporter(
  { url, index, headers, tls }: ElasticsearchSpec,
  { scenario }: ToldBy,
): Exporter {
  const bulk = urlUnder(url, "_bulk", ANSWERED);
  const run = randomBytes(8).toString("hex");
  return {
    to: shownUrl(bulk),
    sends: ["phase_begun", "second", "phase_over", "traces", "event", "judged"],
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
        tls,
        mostBytes: MOST_ANSWER_BYTES,
        stop,
      });
      refuseFailed(answer);
    },
  };
}

/** A server that only speaks like Elasticsearch may say it in other words. */
const reason = z.union([
  z.string(),
  z
    .object({ type: z.string().catch(""), reason: z.string().catch("") })
    .transform(({ type, reason }) => `${type}: ${reason}`),
]);
const item = z.object({ status: z.number(), error: reason.catch("").default("") });
const answerSchema = z.object({
  errors: z.boolean(),
  /** Each under the name of what was to be done, `create`. */
  items: z.array(z.record(z.string(), item)).default([]),
});

/** The server answers 200 also when it has taken no document. What it does not clearly say it took, it did not take. */
function refuseFailed({ status, json }: PostAnswer): void {
  const { data } = answerSchema.safeParse(json);
  const items = data?.items.flatMap((each) => Object.values(each)) ?? [];
  if (!data || (data.errors && items.length === 0))
    throw new NotTaken({ id: "unreadable", facts: { status } });
  const failed = items.filter((each) => each.status >= 300 && each.status !== IS_THERE);
  // Those that are refused for now come again, and all others with them.
  const worst = failed.find((each) => isForNow(each.status)) ?? failed[0];
  if (worst === undefined) return;
  throw new NotTaken({
    id: isForNow(worst.status) ? "busy" : "refused",
    facts: { status: worst.status, said: saidIn(worst.error) },
  });
}
