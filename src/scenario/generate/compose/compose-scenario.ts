/** A scenario for the services of a compose file. */

import { escapeTemplate } from "../../../notation/template.js";
import { yamlText } from "../yaml-text.js";
import type { ComposeFile, ComposeService } from "./compose-file.js";
import { isTool, knownImage } from "./known-images.js";
import { type LedDependency, type LedThrough, namesInWords } from "./lead-through.js";
import type { PublishedPort } from "./published-port.js";

export interface ComposeAnswers {
  readonly name: string;
  /** http:// or https:// URL. null: the first published port that may be the system's. */
  readonly target: string | null;
  /** "100/s" */
  readonly rate: string;
  /** Paths from the scenario's folder. */
  readonly composePath: string;
  readonly overridePath: string;
}

export interface ComposeScenario {
  readonly text: string;
  /** What the user has to see to. */
  readonly unknowns: readonly string[];
}

/** Ports on which people usually serve HTTP, the likeliest first. */
const HTTP_PORTS = [80, 8080, 8000, 3000, 5000, 443, 8443, 4000, 8888, 9000];
const TLS_PORTS = new Set([443, 8443]);
const NO_DEPENDENCY =
  "No dependency was found that could get a proxy, so there is no fault: this is a load test.";
const GUESS = "http://127.0.0.1:8080";

/** @param schema the path for editors, or null. */
export function scenarioFromCompose(
  file: ComposeFile,
  led: LedThrough,
  answers: ComposeAnswers,
  schema: string | null,
): ComposeScenario {
  const { name, rate, composePath, overridePath } = answers;
  // Without a dependency there is no second compose file.
  const isLed = led.dependencies.length > 0;
  const targets = targetsOf(file);
  const target = answers.target ?? targets[0]?.url ?? GUESS;
  const others = targets.filter(({ url }) => url !== target);
  const http = led.dependencies.filter(({ isHttp }) => isHttp).map(({ name }) => name);
  const unknowns = [
    ...(isLed ? [] : [NO_DEPENDENCY]),
    ...(answers.target === null && targets.length === 0
      ? [`No service publishes a port that may be the system's: \`load.target\` is a guess.`]
      : []),
    "What to ask of the system: `load.requests` has the path / only.",
    ...(http.length === 0
      ? []
      : [
          `${namesInWords(http)}: taken for HTTP, because a variable has it as an http:// URL. If it speaks gRPC, write \`protocol: grpc\` and a fault of its own.`,
        ]),
    ...led.unknowns,
    ...(file.withProfile.length === 0
      ? []
      : [`Services that start only with a profile were left out: ${namesInWords(file.withProfile)}.`]),
    ...(file.otherFiles.length === 0
      ? []
      : [`What these keys bring was not read: ${file.otherFiles.join(", ")}.`]),
  ];
  const schemaLine = schema === null ? "" : `# yaml-language-server: $schema=${schema}\n`;
  const composeFiles = isLed ? [composePath, overridePath] : [composePath];
  const how = isLed ? ` ${overridePath} leads its services through the proxies.` : "";
  const text = `${schemaLine}# Made from ${composePath}.${how}
#   npx faultline validate FILE       checks it
#   npx faultline run --dry-run FILE  shows what would happen, and how long it takes
#   npx faultline run FILE            does it
faultline: 1
name: ${yamlText(escapeTemplate(name))}
hypothesis: A slow or missing dependency costs latency, never answers.
${notKnown(unknowns)}${proxiesText(led.dependencies)}
# Started before the run and stopped after it.
services:
  stack:
    run: ${yamlText(`docker compose ${composeFiles.map((path) => `-f ${shellWord(path)} `).join("")}up`)}
    ready: ${yamlText(new URL(target).origin)}
    readyTimeout: 5m
    stopGrace: 30s

# Requests are sent all the while. A rate is kept whatever the system does, which is what SLOs are about.
load:
${others.map(({ url, service }) => `  # target: ${yamlText(url)}   # ${service}\n`).join("")}  target: ${yamlText(target)}
  rate: ${rate}
  timeout: 2s
  requests:
    - { name: home, path: / }

# A pass is a claim about the system, so it takes enough requests: 30 s of 100/s are enough for 99%.
phases: { warmup: 5s, baseline: 30s, fault: 30s, recovery: 30s }

# What must hold during each fault. \`faultline validate\` says when a target needs more requests than these.
slos:
  - availability >= 99%
  - p99 < 500ms
${isLed ? "  - recovery < 10s\n" : ""}
${faultsText(led.dependencies)}`;
  return { text, unknowns };
}

function notKnown(unknowns: readonly string[]): string {
  return `\n# What the compose file does not say, or what you have to see to:\n${unknowns.map((line) => `# - ${line}\n`).join("")}`;
}

function proxiesText(dependencies: readonly LedDependency[]): string {
  if (dependencies.length === 0) return "";
  const lines = dependencies.map(({ name, listenPort, upstreamPort, isHttp, consumers }) => {
    const protocol = isHttp ? "protocol: http, " : "";
    const map = `{ ${protocol}listen: "\${containers}:${listenPort}", upstream: "127.0.0.1:${upstreamPort}" }`;
    return `  ${yamlText(name)}: ${map}   # used by ${namesInWords(consumers)}\n`;
  });
  return `
# Where containers reach this machine. 0.0.0.0 is every interface. What keeps others out:
# 127.0.0.1 with Docker Desktop, the address of docker0 (mostly 172.17.0.1) on Linux.
vars: { containers: 0.0.0.0 }
allowHosts: ["\${containers}"]

# The services reach their dependencies through these proxies; the faults act on them.
proxies:
${lines.join("")}`;
}

function faultsText(dependencies: readonly LedDependency[]): string {
  if (dependencies.length === 0) return "faults: []\n";
  const faults = dependencies.flatMap(({ name, isHttp }) => {
    const on = `proxy: ${yamlText(name)}`;
    return [
      `{ name: ${yamlText(`${name} slow`)}, ${on}, latency: 300ms, jitter: 50ms }`,
      isHttp
        ? `{ name: ${yamlText(`${name} answers 503`)}, ${on}, http: { status: 503, share: 30% } }`
        : `{ name: ${yamlText(`${name} cut off`)}, ${on}, partition: both }`,
      `{ name: ${yamlText(`${name} refuses connections`)}, ${on}, down: true }`,
    ];
  });
  const killed = [...new Set(dependencies.map(({ service }) => service))].map((service) => {
    const name = yamlText(`${service} killed`);
    return `  # - { name: ${name}, docker: { service: ${yamlText(service)}, kill: SIGKILL, restart: 10s } }\n`;
  });
  return `# All of them, one after the other. \`--only "${dependencies[0]?.name} slow"\` runs one.
faults:
${faults.map((fault) => `  - ${fault}\n`).join("")}  # Through the Docker engine, with rights to use its socket (docs/docker.md):
${killed.join("")}`;
}

interface Target {
  readonly url: string;
  readonly service: string;
}

/** What may be the system under test, the likeliest first. */
function targetsOf({ services }: ComposeFile): readonly Target[] {
  const candidates = services
    .filter(({ image }) => image === null || (knownImage(image) === null && !isTool(image)))
    .flatMap((service) => service.published.map((port) => ({ service, port })));
  const rank = ({ service, port }: (typeof candidates)[number]) => {
    const place = HTTP_PORTS.indexOf(port.containerPort);
    return (service.dependsOn.length > 0 ? 0 : 100) + (place === -1 ? 50 : place);
  };
  return candidates
    .sort((one, other) => rank(one) - rank(other))
    .map(({ service, port }) => ({ url: urlOf(port), service: describe(service, port) }));
}

function urlOf({ hostIp, hostPort, containerPort }: PublishedPort): string {
  const host = hostIp === null || hostIp === "0.0.0.0" || hostIp === "::" ? "127.0.0.1" : hostIp;
  const shown = host.includes(":") ? `[${host}]` : host;
  return `${TLS_PORTS.has(containerPort) ? "https" : "http"}://${shown}:${hostPort}`;
}

function describe({ name }: ComposeService, { containerPort }: PublishedPort): string {
  return `${name}, port ${containerPort}`;
}

function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
