import { quotedYaml } from "../../../schedule/emit/yaml-text.js";
import {
  allowArguments,
  NATS_IMAGE,
  OPTIONAL_CREDENTIALS,
  refuseSockets,
  type WorkersEmitter,
} from "./workers-emitter.js";

/** A service of so many containers. Each is called by its own host name. */
export const composeWorkers: WorkersEmitter = (input) => {
  const { count, natsUrl, image } = input;
  refuseSockets("compose", input);
  // In a compose file $ begins a variable.
  const quoted = (text: string) => quotedYaml(text.replaceAll("$", () => "$$"));
  const command = ["worker", "--nats", natsUrl ?? "nats://nats:4222", ...allowArguments(input)];
  const server = natsUrl ?? "nats://127.0.0.1:4222";
  const own = natsUrl === null;
  return `# Workers that make load for runs. They and the runs need one key:
#   export FAULTLINE_WORKERS_KEY="$(openssl rand -hex 24)"
#   docker compose -f workers.yaml up -d
#   faultline run scenario.yaml --workers ${server} --expect-workers ${count}
services:
${own ? ownServer(quoted(NATS_IMAGE)) : ""}  worker:
    image: ${quoted(image)}
    command: [${command.map(quoted).join(", ")}]
    init: true
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
    stop_grace_period: 15s
    deploy:
      replicas: ${count}
    environment:
      FAULTLINE_WORKERS_KEY: \${FAULTLINE_WORKERS_KEY:?the key of workers}
${own ? "" : OPTIONAL_CREDENTIALS.map((name) => `      ${name}: \${${name}:-}\n`).join("")}      FAULTLINE_STATE_DIR: /tmp/faultline
${own ? "    depends_on: [nats]\n" : ""}`;
};

function ownServer(image: string): string {
  return `  nats:
    image: ${image}
    read_only: true
    cap_drop: [ALL]
    restart: unless-stopped
    ports: ["127.0.0.1:4222:4222"]
`;
}
