import { configMap, indented, loopbackProbe, serverContainer } from "./server-container.js";
import { API_PORT, runCommand, type ToxiproxyToEmit } from "./toxiproxy-to-emit.js";

/** Nobody but the pod itself reaches it, and a port-forward. */
const LOOPBACK = "127.0.0.1";

/** A server beside the containers of a Deployment that is there, to be applied by the server side. */
export function sidecarForm(input: ToxiproxyToEmit): string {
  const { name, namespace, into, proxies } = input;
  const within = namespace === null ? "" : ` -n ${namespace}`;
  const ports = [API_PORT, ...proxies.map(({ port }) => port)];
  const container = serverContainer(input, {
    host: LOOPBACK,
    more: ["restartPolicy: Always", ...loopbackProbe(input)],
  });
  return `# A Toxiproxy in each pod of deployment ${into}, for the proxies of ${input.file}. Kubernetes 1.29 or later: it is up before
# the containers begin (not before init containers that are there), and the API is to be had in the pod alone.
# 1. A token. Whoever has it, and is in the pod, may lead the proxies anywhere.
#   kubectl${within} create secret generic ${name} --from-literal=TOXIPROXY_AUTH_TOKEN="$(openssl rand -hex 24)"
# 2. kubectl${within} apply --server-side --field-manager=${name} -f this file. Then point the service at the proxies:
${proxies.map((proxy) => `#   ${proxy.upstream} → ${LOOPBACK}:${proxy.port}`).join("\n")}
#   \`kubectl set env\` needs -c CONTAINER for it: what it sets in the sidecar, too, would keep that from being taken out.
#   None of these ports may be one that a container of the pod listens on: the proxies have them first.
# 3. A run drives one server, so one pod: with several, the others have no fault. With the token as TOXIPROXY_AUTH_TOKEN:
#   kubectl${within} port-forward deployment/${into} ${ports.join(" ")} &
#   ${runCommand(input, LOOPBACK)}
# To take it out again: point the service at its dependencies first. Then apply the Deployment without the sidecar, by the same
# manager: what it does not name any more is removed.
#   printf 'apiVersion: apps/v1\\nkind: Deployment\\nmetadata: { name: ${into} }\\n' |
#     kubectl${within} apply --server-side --field-manager=${name} -f -
#   kubectl${within} delete configmap,secret ${name}
${configMap(input, LOOPBACK)}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${into}
${namespace === null ? "" : `  namespace: ${namespace}\n`}spec:
  template:
    spec:
      # Beside the containers that are there. With restartPolicy it is no step of the start, but runs on.
      initContainers:
        - ${indented(container, 10).trimStart()}
      volumes:
        - name: ${name}
          configMap:
            name: ${name}
`;
}
