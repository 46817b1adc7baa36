import { escapeTemplate } from "../../notation/template.js";
import { hostOf, isLoopback, parseAddress } from "../../support/hosts.js";
import { yamlText } from "./yaml-text.js";

/** What a starter scenario is about. */
export interface StarterAnswers {
  readonly name: string;
  /** http:// or https:// URL. */
  readonly target: string;
  /** host:port */
  readonly dependency: string;
  /** "100/s" */
  readonly rate: string;
  /** Command that starts the system under test. null: it runs already. */
  readonly run: string | null;
  /** The folder that the command runs in, relative to the scenario's folder. null: the scenario's folder. */
  readonly cwd: string | null;
  /** Environment variable that tells the service where the dependency is. */
  readonly variable: string;
}

/**
 * A commented scenario to begin with. It is valid as it stands.
 * @param schema the path for editors, or null.
 */
export function starterScenario(answers: StarterAnswers, schema: string | null): string {
  const { name, target, rate } = answers;
  return `${schemaLine(schema)}# A chaos experiment: what is done to a dependency, and what must hold all the same.
#   npx faultline validate FILE       checks it
#   npx faultline run --dry-run FILE  shows what would happen
#   npx faultline run FILE            does it
faultline: 1
name: ${yamlText(escapeTemplate(name))}
hypothesis: A slow or missing dependency costs latency, never answers.
${allowedHosts(answers)}
${systemUnderTest(answers)}
# The service reaches its dependency through this proxy; the faults act on it.
proxies:
  ${dependencyProxy(answers, null)}

# Requests are sent all the while. A rate is kept whatever the system does, which is what SLOs are about.
load:
  target: ${yamlText(target)}
  rate: ${rate}
  timeout: 2s
  requests:
    - { name: home, path: / }
    # - { name: order, method: POST, path: /orders, json: { sku: A1 }, expect: { status: 201 }, weight: 0.2 }

# A pass is a claim about the system, so it takes enough requests: 30 s of 100/s are enough for 99%.
phases: { warmup: 5s, baseline: 30s, fault: 30s, recovery: 30s }

# What must hold during each fault. \`faultline validate\` says when a target needs more requests than these.
slos:
  - availability >= 99%
  - p99 < 500ms
  - recovery < 10s

faults:
  - { name: slow dependency, proxy: dependency, latency: 300ms, jitter: 50ms }
  - { name: dependency cut off, proxy: dependency, partition: both }
  - { name: dependency refuses connections, proxy: dependency, down: true }

# Ends the run early when nothing comes back: longer than a fault lasts, so that none is cut short by it.
abort:
  - error_rate > 90% for 45s
`;
}

/** For editors. @param schema its path, or null. */
export function schemaLine(schema: string | null): string {
  return schema === null ? "" : `# yaml-language-server: $schema=${schema}\n`;
}

/** `allowHosts:`, where a host is not this machine. */
export function allowedHosts({ target, dependency }: StarterAnswers): string {
  const named = [hostOf(new URL(target)), parseAddress(dependency)?.host ?? ""];
  const hosts = [...new Set(named)].filter((host) => host !== "" && !isLoopback(host));
  if (hosts.length === 0) return "";
  return `
# These are not this machine. faultline loads and disturbs only hosts that are named here.
allowHosts: [${hosts.map(yamlText).join(", ")}]
`;
}

/** `services:`, or how to start what runs already. */
export function systemUnderTest(answers: StarterAnswers): string {
  const { run, cwd, variable, target } = answers;
  return run === null ? externalService(listenOf(answers), variable) : ownService(run, cwd, variable, target);
}

/** The proxy called "dependency". What faultline starts is told where it listens; others have to know. */
export function dependencyProxy(answers: StarterAnswers, protocol: string | null): string {
  const { run, dependency } = answers;
  const parts = [
    ...(protocol === null ? [] : [`protocol: ${protocol}`]),
    ...(run === null ? [`listen: ${yamlText(listenOf(answers))}`] : []),
    `upstream: ${yamlText(dependency)}`,
  ];
  return `dependency: { ${parts.join(", ")} }`;
}

function listenOf({ dependency }: StarterAnswers): string {
  return `127.0.0.1:${freeNeighbour(parseAddress(dependency)?.port ?? 6379)}`;
}

function ownService(run: string, cwd: string | null, variable: string, target: string): string {
  const folder = cwd === null ? "" : `    cwd: ${yamlText(cwd)}   # seen from this file's folder\n`;
  return `# Started before the run and stopped after it.
services:
  app:
    run: ${yamlText(run)}
${folder}    # Tell it to find its dependency at the proxy, in the form that it expects (perhaps redis://\${proxies.dependency.listen}).
    env: { ${variable}: "\${proxies.dependency.listen}" }
    ready: ${yamlText(new URL(target).origin)}
`;
}

function externalService(listen: string, variable: string): string {
  return `# The system runs already. Start it so that it finds its dependency at the proxy: ${variable}=${listen}
# Or let faultline start it:
# services:
#   app: { run: node server.js, env: { ${variable}: "\${proxies.dependency.listen}" }, ready: http://127.0.0.1:3000/ }
`;
}

/** A port near the one that the proxy replaces, where a user finds it. */
function freeNeighbour(port: number): number {
  return port < 55_535 ? port + 10_000 : port - 10_000;
}
