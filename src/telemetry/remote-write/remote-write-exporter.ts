import { type RemoteWriteSpec, shownUrl } from "../../plan/telemetry/telemetry-spec.js";
import type { Exporter, ToldBy } from "../exporter.js";
import { post } from "../post.js";
import { seriesOf } from "./series.js";
import { writeRequest } from "./write-request.js";

/** Seconds of one request. Each has some fifty samples. */
const MOST_AT_ONCE = 60;

/** Posts samples to a server that takes Prometheus' remote write, version 0.1.0. */
export function remoteWriteExporter(
  { url, headers, tls, labels }: RemoteWriteSpec,
  { scenario }: ToldBy,
): Exporter {
  return {
    to: shownUrl(url),
    sends: ["phase_begun", "second", "phase_over", "judged"],
    mostAtOnce: MOST_AT_ONCE,
    send: async (told, stop) => {
      await post(url, {
        headers: {
          ...headers,
          "Content-Type": "application/x-protobuf",
          "Content-Encoding": "snappy",
          "X-Prometheus-Remote-Write-Version": "0.1.0",
        },
        body: writeRequest(seriesOf(told, scenario, labels)),
        tls,
        stop,
      });
    },
  };
}
