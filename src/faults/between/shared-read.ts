import { connect, type NetConnectOpts, Socket } from "node:net";

/** As much as is read at once. Also the largest piece that a toxic sees. */
const READ_BYTES = 32 * 1024;

/**
 * All sockets of this thread read into one buffer. What was read is copied out at its exact size: nothing is allocated
 * for a silent connection, and small messages share a slab. Node's own way takes 64 KiB for each read and a pass
 * through the Readable machinery. It costs about a tenth of the small-request rate and holds one more piece for a
 * paused connection.
 */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

function readInto(onBytes: (bytes: Buffer) => void) {
  return {
    buffer: readBuffer,
    callback: (length: number): boolean => {
      const bytes = Buffer.allocUnsafe(length);
      readBuffer.copy(bytes, 0, 0, length);
      onBytes(bytes);
      return true;
    },
  };
}

export function connectReading(options: NetConnectOpts, onBytes: (bytes: Buffer) => void): Socket {
  return connect({ ...options, onread: readInto(onBytes) });
}

/** Where a socket keeps its system handle. Not part of Node's documented API. */
interface WithHandle {
  _handle?: object | null;
}

/**
 * A socket that replaces one which a server accepted with `pauseOnConnect`. Reading begins at once. `onread` can only
 * be given when a socket is made, so this makes one around the same handle. If Node hides the handle one day, the
 * accepted socket itself is read in the ordinary, slower way.
 */
export function takeOver(accepted: Socket, onBytes: (bytes: Buffer) => void): Socket {
  const withHandle: WithHandle = accepted as WithHandle;
  const handle = withHandle._handle;
  if (!handle) {
    accepted.on("data", onBytes);
    accepted.resume();
    return accepted;
  }
  const options = { handle, allowHalfOpen: true, readable: true, writable: true, onread: readInto(onBytes) };
  const socket = new Socket(options);
  withHandle._handle = null;
  accepted.destroy();
  return socket;
}
