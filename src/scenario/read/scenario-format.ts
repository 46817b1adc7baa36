import type { DocumentFormat } from "../diagnostics/document-format.js";
import { scenarioSchema } from "../schema/scenario.js";

/** The format of a scenario's file. */
export const SCENARIO_FORMAT: DocumentFormat = {
  schema: scenarioSchema,
  versionKey: "faultline",
  keysReadBefore: ["vars", "extends", "include"],
  otherNames: {
    command: ["run"],
    cmd: ["run"],
    exec: ["run"],
    url: ["target", "path"],
    uri: ["target", "path"],
    endpoint: ["path"],
    verb: ["method"],
    delay: ["latency"],
    type: ["toxic"],
    attributes: ["toxic"],
    port: ["listen"],
    address: ["listen", "upstream"],
    dependency: ["proxy", "upstream"],
    rps: ["rate"],
    qps: ["rate"],
    arrivalrate: ["rate"],
    target: ["rate", "connections"],
    duration: ["ramp", "hold"],
    users: ["connections"],
    vus: ["connections"],
    concurrency: ["connections"],
    threads: ["workers"],
    healthcheck: ["ready"],
    status: ["expect"],
    thresholds: ["slos"],
    slo: ["slos"],
    variables: ["vars"],
  },
  saidElsewhere: [
    {
      keys: ["duration"],
      words: "how long each part of the run lasts stands under `phases:`",
      from: /^(load|phases)?$/,
    },
    { keys: ["capture"], words: "only a step of load.journeys has it", from: /^load\.requests\[\d+\]$/ },
    { keys: ["weight"], words: "the journey has it, not its steps", from: /\.steps\[\d+\]$/ },
  ],
  homes: [
    { path: [], words: "it belongs to the top level", from: /./ },
    { path: ["load"], words: "it belongs under load", from: /^(?!load$)/ },
    { path: ["phases"], words: "it belongs under phases", from: /^(?!phases$)/ },
    { path: ["load", "requests", 0], words: "it belongs to an entry of load.requests", from: /^(load)?$/ },
    { path: ["faults", 0], words: "it belongs to an entry of faults", from: /^(proxies\..*)?$/ },
  ],
};
