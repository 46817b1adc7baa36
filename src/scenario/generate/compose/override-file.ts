import { Document, isSeq } from "yaml";
import { type LedThrough, MACHINE } from "./lead-through.js";

const HEADER = ` What changes in the compose file while faultline runs: services reach their dependencies through its proxies.
 Compose reads it after the other file: docker compose -f COMPOSE_FILE -f THIS_FILE up`;

/** The text of a second compose file that leads services to the proxies, and publishes what the proxies need. */
export function overrideFile({ changes }: LedThrough): string {
  const document = new Document({
    services: Object.fromEntries(
      [...changes].map(([service, { environment, hosts, ports }]) => {
        const isLed = Object.keys(environment).length > 0;
        const names = [...hosts, ...(isLed ? [MACHINE] : [])];
        return [
          service,
          {
            ...(isLed && { environment }),
            ...(names.length > 0 && { extra_hosts: names.map((name) => `${name}:host-gateway`) }),
            ...(ports !== null && { ports: ports.entries }),
          },
        ];
      }),
    ),
  });
  document.commentBefore = HEADER;
  for (const [service, { ports }] of changes) {
    const entries = document.getIn(["services", service, "ports"]);
    // Compose would add them to those of the other file.
    if (ports?.isReplacement && isSeq(entries)) entries.tag = "!override";
  }
  return document.toString({ lineWidth: 0 });
}
