import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * What stands for the network that this process is in: the machine, and on Linux its network namespace, because a container has
 * a loopback of its own.
 */
export function networkPlace(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/net")}`;
  } catch {
    return hostname();
  }
}

/** Tells places apart without telling what they are: where no key is set, the place itself is the key. */
export function networkPlaceId(): string {
  return createHash("sha256").update(networkPlace()).digest("hex");
}
