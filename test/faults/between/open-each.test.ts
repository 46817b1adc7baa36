import { connect } from "node:net";
import { expect, test } from "vitest";
import { accept, type Listener } from "../../../src/faults/between/accept.js";
import { openEach } from "../../../src/faults/between/open-each.js";
import { parseAddress } from "../../../src/support/hosts.js";

const places = [{ proxy: "payments" }, { proxy: "stock" }];

/** Resolves with the system's code when the connection is refused. */
function dial(address: string): Promise<string> {
  const { host, port } = parseAddress(address) ?? { host: "", port: 0 };
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve("accepted");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
}

const listenAt = (port: number) => accept({ host: "127.0.0.1", port }, {}, (client) => client.destroy());

test("each place has one of its own", async () => {
  const opened = await openEach(places, () => listenAt(0));
  expect([...opened.keys()]).toEqual(["payments", "stock"]);
  for (const listener of opened.values()) {
    expect(await dial(listener.address)).toBe("accepted");
    listener.close();
  }
});

test("when one cannot be opened, those before it listen no longer", async () => {
  const before: Listener[] = [];
  const opening = openEach(places, async () => {
    const [first] = before;
    const listener = await listenAt(first ? (parseAddress(first.address)?.port ?? 0) : 0);
    before.push(listener);
    return listener;
  });
  await expect(opening).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(before).toHaveLength(1);
  expect(await dial(before[0]?.address ?? "")).toBe("ECONNREFUSED");
});
