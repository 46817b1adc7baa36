import { configMap, indented, metadataOf, serverContainer } from "./server-container.js";
import { API_PORT, runCommand, type ToxiproxyToEmit } from "./toxiproxy-to-emit.js";

const EVERYWHERE = "0.0.0.0";
/** Pods that may speak to the API have this label. */
const DRIVES = 'faultline/drives-toxiproxy: "true"';

/** A server of its own, with a Service that has a port for each proxy, and a policy that keeps its API from others. */
export function deploymentForm(input: ToxiproxyToEmit): string {
  const { name, namespace, server, proxies } = input;
  const within = namespace === null ? "" : ` -n ${namespace}`;
  const host = namespace === null ? name : `${name}.${namespace}.svc`;
  const ports = [API_PORT, ...proxies.map(({ port }) => port)];
  const container = serverContainer(input, {
    host: EVERYWHERE,
    more: ["readinessProbe:", "  tcpSocket: { port: toxiproxy-api }", "  periodSeconds: 2"],
  });
  return `# A Toxiproxy between a service and what it depends on, for the proxies of ${input.file}.
# 1. A token. Whoever has it may lead the proxies anywhere.
#   kubectl${within} create secret generic ${name} --from-literal=TOXIPROXY_AUTH_TOKEN="$(openssl rand -hex 24)"
${tokenNote(server)}# 2. kubectl apply -f this file. Point the service at the proxies instead of its dependencies:
${proxies.map((proxy) => `#   ${proxy.upstream} → ${host}:${proxy.port}`).join("\n")}
# 3. From a pod with the label ${DRIVES}, with the token as TOXIPROXY_AUTH_TOKEN:
#   ${runCommand(input, host)}
#   or from elsewhere, with the ports of the proxies as well, for the proof:
#   kubectl${within} port-forward service/${name} ${ports.join(" ")} &
#   ${runCommand(input, "127.0.0.1")}
# To take it out again: point the service at its dependencies first. Then kubectl delete -f this file, and:
#   kubectl${within} delete secret ${name}
${configMap(input, EVERYWHERE)}---
apiVersion: v1
kind: Service
${metadataOf(input)}spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - { name: api, port: ${API_PORT}, targetPort: toxiproxy-api }
${proxies.map(({ port }) => `    - { name: proxy-${port}, port: ${port}, targetPort: ${port} }`).join("\n")}
---
apiVersion: apps/v1
kind: Deployment
${metadataOf(input)}spec:
  # A run drives one server. Two would share the connections, and one of them would have no fault.
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      containers:
        - ${indented(container, 10).trimStart()}
      volumes:
        - name: ${name}
          configMap:
            name: ${name}
---
# Only where the cluster's network enforces policies. A port-forward goes past it.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
${metadataOf(input)}spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  policyTypes: [Ingress]
  ingress:
    # The proxies: pods of the same namespace.
    - from:
        - podSelector: {}
      ports:
${proxies.map(({ port }) => `        - port: ${port}`).join("\n")}
    # The API: whoever runs faultline.
    - from:
        - podSelector:
            matchLabels:
              ${DRIVES}
      ports:
        - port: ${API_PORT}
`;
}

function tokenNote(server: ToxiproxyToEmit["server"]): string {
  return server === "faultline"
    ? ""
    : "# Toxiproxy before 2.13 asks nobody for it: its API has no authentication, and the policy below is all that guards it.\n";
}
