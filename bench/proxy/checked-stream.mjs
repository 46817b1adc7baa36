// Connections through a proxy whose every byte is compared with what was sent.
import { connect, createServer } from "node:net";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

/** A small generator with one word of state: the same numbers in [0, 1) for the same seed. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state;
    for (const shift of [16, 15, 16]) word = Math.imul(word ^ (word >>> shift), 0x21f0aaad);
    return (word >>> 0) / 2 ** 32;
  };
}

/** A prime length: a hole in a stream is hardly ever a whole number of these. */
const CONTENT = Buffer.alloc(1_000_003);
const next = seeded(1);
for (let i = 0; i < CONTENT.length; i++) CONTENT[i] = Math.floor(next() * 256);

/** `length` bytes from offset `at` on; the content repeats. */
function content(at, length) {
  const from = at % CONTENT.length;
  if (from + length <= CONTENT.length) return CONTENT.subarray(from, from + length);
  return Buffer.concat([CONTENT.subarray(from), CONTENT.subarray(0, from + length - CONTENT.length)]);
}

/** One way of one connection. */
export class CheckedStream {
  sent = 0;
  arrived = 0;
  #start;
  #below;

  /** `below(n)` draws a whole number in [0, n). */
  constructor(below) {
    this.#below = below;
    this.#start = below(CONTENT.length);
  }

  /** Writes parts of some bytes to 40 kB until `endMs`, no faster than they are taken. */
  async write(socket, endMs) {
    while (performance.now() < endMs && socket.writable) {
      const part = content(this.#start + this.sent, 1 + this.#below(this.#below(5) === 0 ? 40_000 : 2_000));
      this.sent += part.length;
      if (!socket.write(part)) {
        await Promise.race([once(socket, "drain"), once(socket, "close"), sleep(endMs - performance.now())]);
      }
      await sleep(this.#below(12));
    }
  }

  /** True when these bytes are what comes next. */
  matches(bytes) {
    const expected = content(this.#start + this.arrived, bytes.length);
    this.arrived += bytes.length;
    return this.arrived <= this.sent && expected.equals(bytes);
  }
}

/** An upstream, and clients that reach it through `port()`: opened one after the other, so that both ends are known. */
export async function checkedLine() {
  let taker = null;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => {});
    taker?.(socket);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  let turn = Promise.resolve();

  async function openOne(port) {
    const accepted = new Promise((resolve) => {
      taker = resolve;
    });
    const client = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    client.on("error", () => {});
    return { client, upstream: await accepted };
  }

  return {
    upstreamPort: server.address().port,
    open(port) {
      const opened = turn.then(() => openOne(port));
      turn = opened;
      return opened;
    },
    close: () => server.close(),
  };
}
