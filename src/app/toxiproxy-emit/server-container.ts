/** The container of the server, as YAML, and what it needs beside itself. */

import { quotedYaml } from "../../schedule/emit/yaml-text.js";
import { API_PORT, type ToxiproxyToEmit } from "./toxiproxy-to-emit.js";

const CONFIG = "/etc/toxiproxy/proxies.json";
const LINE = "\n";

/**
 * Ends well when something listens on the API's port of the pod's loopback, which no probe of the kubelet reaches. An error that
 * nobody listens to ends it with another code.
 */
const LISTENS = `require("net").connect(${API_PORT},"127.0.0.1").on("connect",function(){this.destroy()})`;

/**
 * One element of a list of containers.
 * @param host where the API and the proxies listen.
 * @param more further lines of the container, with their indentation from the container on.
 */
export function serverContainer(
  input: ToxiproxyToEmit,
  { host, more = [] }: { readonly host: string; readonly more?: readonly string[] },
): string {
  const { image, name, proxies } = input;
  const ports = [
    `  - { name: toxiproxy-api, containerPort: ${API_PORT} }`,
    ...proxies.map(({ port }) => `  - containerPort: ${port}`),
  ];
  return [
    `name: ${name}`,
    `image: ${quotedYaml(image)}`,
    ...more,
    `args: [${serverArguments(input, host).map(quotedYaml).join(", ")}]`,
    "env:",
    "  - name: TOXIPROXY_AUTH_TOKEN",
    "    valueFrom:",
    `      secretKeyRef: { name: ${name}, key: TOXIPROXY_AUTH_TOKEN }`,
    "ports:",
    ...ports,
    "securityContext:",
    "  runAsNonRoot: true",
    "  runAsUser: 10001",
    "  runAsGroup: 10001",
    "  allowPrivilegeEscalation: false",
    "  readOnlyRootFilesystem: true",
    "  capabilities: { drop: [ALL] }",
    "  seccompProfile: { type: RuntimeDefault }",
    "# No limit of CPU: it would hold back what crosses, and that would look like a fault.",
    "resources:",
    "  requests: { cpu: 100m, memory: 128Mi }",
    "  limits: { memory: 256Mi }",
    "volumeMounts:",
    `  - { name: ${name}, mountPath: /etc/toxiproxy, readOnly: true }`,
  ].join(LINE);
}

/** What says that the server is up, for a server that listens on the pod's loopback alone. */
export function loopbackProbe({ server }: ToxiproxyToEmit): readonly string[] {
  const command = server === "faultline" ? ["node", "-e", LISTENS] : ["/toxiproxy-cli", "list"];
  return [
    "startupProbe:",
    `  exec: { command: [${command.map(quotedYaml).join(", ")}] }`,
    "  periodSeconds: 2",
    "  timeoutSeconds: 5",
    "  failureThreshold: 30",
  ];
}

function serverArguments(input: ToxiproxyToEmit, host: string): readonly string[] {
  const { server, name, namespace } = input;
  if (server === "toxiproxy")
    return [`-host=${host}`, `-port=${API_PORT}`, `-config=${CONFIG}`, "-proxy-metrics"];
  // Names with dots that pods of other namespaces call it by.
  const names = namespace === null || input.form === "sidecar" ? [] : ["", ".cluster.local"];
  return [
    "proxy",
    "--host",
    host,
    "--port",
    String(API_PORT),
    "--config",
    CONFIG,
    "--metrics",
    "--require-token",
    ...names.flatMap((end) => ["--allow-host", `${name}.${namespace}.svc${end}`]),
  ];
}

/** The proxies that the server begins with. */
export function configMap(input: ToxiproxyToEmit, host: string): string {
  const { proxies } = input;
  const lines = proxies.map((proxy) =>
    JSON.stringify({
      name: proxy.name,
      listen: `${host}:${proxy.port}`,
      upstream: proxy.upstream,
      enabled: true,
    }),
  );
  return `apiVersion: v1
kind: ConfigMap
${metadataOf(input)}data:
  proxies.json: |
    [
${lines.map((line) => `      ${line}`).join(",\n")}
    ]
`;
}

export function metadataOf({ name, namespace }: ToxiproxyToEmit): string {
  return `metadata:
  name: ${name}
${namespace === null ? "" : `  namespace: ${namespace}\n`}  labels:
    app.kubernetes.io/name: ${name}
`;
}

/** A block of lines further right. */
export function indented(text: string, by: number): string {
  return text
    .split(LINE)
    .map((line) => (line === "" ? line : " ".repeat(by) + line))
    .join(LINE);
}
