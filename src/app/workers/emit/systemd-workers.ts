import { resolve } from "node:path";
import { unitArgument, unitText } from "../../../schedule/emit/unit-text.js";
import { FaultlineError } from "../../../support/errors.js";
import { allowArguments, type WorkersEmitter } from "./workers-emitter.js";

/** Folders that the unit has of its own, or does not see (systemd.exec(5): DynamicUser, PrivateTmp, ProtectHome). */
const HIDDEN = ["/tmp", "/var/tmp", "/home", "/root", "/run/user"];

/** A template: each machine has as many workers as are started of it. */
export const systemdWorkers: WorkersEmitter = (input) => {
  const { count, natsUrl, program } = input;
  for (const path of input.allowedSockets) refuseHidden(path);
  if (natsUrl === null) {
    throw new FaultlineError(
      "USAGE",
      "--emit systemd needs --nats URL: units start workers, and no server beside them",
    );
  }
  const command = [...program, "worker", "--nats", natsUrl, ...allowArguments(input)].map(unitArgument);
  const instances = count === 1 ? "1" : `{1..${count}}`;
  return `# /etc/systemd/system/faultline-worker@.service
# systemctl enable --now faultline-worker@${unitText(instances)}
#
# /etc/faultline-worker.env, which only root reads, has a line FAULTLINE_WORKERS_KEY=… and the server's credentials:
# NATS_USER and NATS_PASSWORD, NATS_TOKEN, or NATS_CREDS.
[Unit]
Description=faultline worker %i
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${command.join(" ")} --name %H-%i
EnvironmentFile=/etc/faultline-worker.env
Environment=FAULTLINE_STATE_DIR=/tmp/faultline
DynamicUser=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes
NoNewPrivileges=yes
LimitNOFILE=65536
Restart=always
RestartSec=5
TimeoutStopSec=15

[Install]
WantedBy=multi-user.target
`;
};

/** @throws FaultlineError USAGE: the worker would not find the socket. */
function refuseHidden(path: string): void {
  const folder = HIDDEN.find((hidden) => resolve(path).startsWith(`${hidden}/`));
  if (folder === undefined) return;
  const message = `--allow-socket ${path}: the unit does not see ${folder} of the machine. Let the socket lie elsewhere, as in /run`;
  throw new FaultlineError("USAGE", message);
}
