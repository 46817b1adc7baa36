import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { withDeadline } from "../../support/clock.js";

const CONNECTIONS = 10;
/** Without it a load begins as well, only not as promptly. */
const MOST_MS = 500;

/**
 * Opens some connections to itself on loopback, one after the other, and sends a byte to and fro over each. So the code of sockets is
 * there and compiled before the first request is due. Else each thread has to get it ready at that very instant, in its own time: that
 * makes the first requests late by milliseconds, and those of several workers more than that where they share a machine.
 */
export async function warmSockets(): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  // One that it cannot accept is none of the load's.
  server.on("error", () => {});
  try {
    await withDeadline(useOnce(server), MOST_MS, () => new Error("loopback does not answer"));
  } catch {
    // This machine has no loopback, or no time.
  } finally {
    server.close();
  }
}

async function useOnce(server: ReturnType<typeof createServer>): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // of a server on TCP
  for (let number = 0; number < CONNECTIONS && server.listening; number++) await roundTrip(port);
}

function roundTrip(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const callback = () => {
      socket.destroy();
      return true;
    };
    const onread = { buffer: Buffer.alloc(1), callback };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    socket.on("connect", () => socket.write("."));
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.resume();
  });
}
