import { expect, vi } from "vitest";

/** A busy machine tells a server of its last connections after the load has ended. */
const AT_MOST_MS = 5_000;

/** Holds what a load says that it opened against the target's own count. */
export async function everyConnectionIsKnown(
  server: { readonly connections: number },
  measured: { readonly connectionsOpened: number },
): Promise<void> {
  await vi.waitFor(() => expect(server.connections).toBe(measured.connectionsOpened), AT_MOST_MS);
}
