/** A container's TCP port that the compose file publishes on this machine. */
export interface PublishedPort {
  /** null: every interface. */
  readonly hostIp: string | null;
  readonly hostPort: number;
  readonly containerPort: number;
}

/** A range of ports is read up to this many. */
const MOST_OF_A_RANGE = 100;

/**
 * Reads the short form of `ports:`, such as "127.0.0.1:8080:80/tcp" or "3000-3002:3000-3002".
 * @returns nothing for other protocols, and for a port that Docker chooses.
 */
export function publishedPorts(text: string): readonly PublishedPort[] {
  const match = /^(?:(\[[^\]]+\]|[\d.]+):)?(\d+)(?:-(\d+))?:(\d+)(?:-(\d+))?(?:\/tcp)?$/.exec(text.trim());
  if (!match) return [];
  const [, hostIp, hostFrom, hostTo, from, to] = match;
  const [first, last, container] = [Number(hostFrom), Number(hostTo ?? hostFrom), Number(from)];
  const count = Math.min(MOST_OF_A_RANGE, last - first + 1, Number(to ?? from) - container + 1);
  return Array.from({ length: Math.max(0, count) }, (_, n) => ({
    hostIp: hostIp?.replace(/^\[|\]$/g, "") ?? null,
    hostPort: first + n,
    containerPort: container + n,
  }));
}

/** The short form. */
export function portText({ hostIp, hostPort, containerPort }: PublishedPort): string {
  const ip = hostIp === null ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`;
  return `${ip}${hostPort}:${containerPort}`;
}
