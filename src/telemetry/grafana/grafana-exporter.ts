import { z } from "zod";
import { type GrafanaSpec, shownUrl } from "../../plan/telemetry/telemetry-spec.js";
import { urlUnder } from "../../support/url-under.js";
import type { Exporter, ToldBy } from "../exporter.js";
import { post } from "../post.js";
import type { ToldItem, ToldPhase } from "../told.js";

const created = z.object({ id: z.number() });

/** Marks each phase in Grafana: from its begin on, and as a region when it is over. */
export function grafanaExporter({ url, headers, tls }: GrafanaSpec, { scenario }: ToldBy): Exporter {
  const annotations = urlUnder(url, "api/annotations");
  /** The phase that was told last, and what its annotation is called there. */
  let open: { readonly begunAtMs: number; readonly id: number | null } | null = null;
  const write = async (stop: AbortSignal, body: object, id: number | null = null) => {
    const { json } = await post(id === null ? annotations : urlUnder(annotations, String(id)), {
      method: id === null ? "POST" : "PATCH",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      tls,
      stop,
    });
    return created.safeParse(json).data?.id ?? null;
  };
  const send = async (told: ToldItem, stop: AbortSignal): Promise<void> => {
    switch (told.kind) {
      case "phase_begun":
        open = {
          begunAtMs: told.phase.begunAtMs,
          id: await write(stop, { time: told.atMs, ...wordsOf(told.phase, scenario) }),
        };
        return;
      case "phase_over": {
        const { begunAtMs } = told.phase;
        const id = open?.begunAtMs === begunAtMs ? open.id : null;
        const region = { time: begunAtMs, timeEnd: told.atMs, ...wordsOf(told.phase, scenario) };
        // Its begin may have been dropped.
        await write(stop, id === null ? region : { timeEnd: told.atMs }, id);
        return;
      }
      case "judged": {
        const { verdict, reason } = told.report;
        const tags = ["faultline", `scenario:${scenario}`, `verdict:${verdict}`];
        await write(stop, { time: told.atMs, tags, text: `${verdict}: ${reason}` });
        return;
      }
      default:
        return;
    }
  };
  return {
    to: shownUrl(annotations),
    sends: ["phase_begun", "phase_over", "judged"],
    // Each is a request of its own: none is sent twice because the next one failed.
    mostAtOnce: 1,
    send: async (told, stop) => {
      for (const each of told) await send(each, stop);
    },
  };
}

function wordsOf({ kind, fault, trial }: ToldPhase, scenario: string): object {
  const about = [fault, trial].filter((text) => text !== null).join(", ");
  return {
    tags: [
      "faultline",
      `scenario:${scenario}`,
      `phase:${kind}`,
      ...(fault === null ? [] : [`fault:${fault}`]),
    ],
    text: about === "" ? kind : `${kind}: ${about}`,
  };
}
