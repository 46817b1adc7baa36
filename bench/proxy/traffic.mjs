// Upstreams and clients of the proxy benchmark, each in a process of its own: node traffic.mjs ROLE JSON.
// An upstream prints {"port": N} and stays; a client prints its result and ends.
import { connect, createServer } from "node:net";

const [role, json = "{}"] = process.argv.slice(2);
const options = JSON.parse(json);
const say = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
const BLOCK = Buffer.alloc(64 * 1024, "x");

function serve(onSocket) {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => say({ port: server.address().port }));
}

/** Writes `bytes` bytes, no faster than they are taken. */
function pump(socket, bytes) {
  let left = bytes;
  const more = () => {
    while (left > 0) {
      const part = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      left -= part.length;
      if (!socket.write(part)) return socket.once("drain", more);
    }
    socket.end();
  };
  more();
}

function open(onConnect) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: options.port, noDelay: true, ...onConnect });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Opens many, no more than 100 at a time in the making. */
async function openMany(count, each) {
  const sockets = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      while (next++ < count) sockets.push(await each());
    }),
  );
  return sockets;
}

const ROLES = {
  echo: () => serve((socket) => socket.on("data", (bytes) => socket.write(bytes))),

  http: () =>
    serve((socket) => {
      const body = "hello world, this is a small answer\n";
      const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      socket.on("data", () => socket.write(answer));
    }),

  source: () => serve((socket) => pump(socket, options.bytes ?? Number.POSITIVE_INFINITY)),

  /** Reads until the end: {bytes, seconds}, and the rate between the first piece and the last. */
  async sink() {
    let bytes = 0;
    const startedMs = performance.now();
    let [firstBytes, firstMs, lastMs] = [0, 0, 0];
    const buffer = Buffer.alloc(256 * 1024);
    const callback = (length) => {
      bytes += length;
      lastMs = performance.now();
      if (firstMs === 0) [firstBytes, firstMs] = [bytes, lastMs];
      return true;
    };
    const onread = { buffer, callback };
    const socket = connect({ host: "127.0.0.1", port: options.port, onread });
    socket.once("end", () => {
      const seconds = (performance.now() - startedMs) / 1000;
      say({ bytes, seconds, bytesPerMs: (bytes - firstBytes) / (lastMs - firstMs) });
      socket.destroy();
    });
  },

  /** Round trips of a small message on many connections for some time: {p50, p99, min, count} in ms. */
  async pings() {
    const times = [];
    const sockets = await openMany(options.connections, () => open());
    const endMs = performance.now() + options.seconds * 1000;
    await Promise.all(
      sockets.map(async (socket, i) => {
        // Not all at the same instant: that would measure the crowd, not the delay.
        await new Promise((resolve) => setTimeout(resolve, (i * 200) / sockets.length));
        while (performance.now() < endMs) {
          const sentMs = performance.now();
          const answer = new Promise((resolve) => socket.once("data", resolve));
          socket.write("ping");
          await answer;
          times.push(performance.now() - sentMs);
        }
        socket.destroy();
      }),
    );
    times.sort((a, b) => a - b);
    const at = (q) => times[Math.min(times.length - 1, Math.floor(q * times.length))];
    say({ p50: at(0.5), p99: at(0.99), min: times[0], count: times.length });
  },

  /** Opens connections, checks that each one works, and holds them until it is ended: {open, seconds}. */
  async holders() {
    const startedMs = performance.now();
    const sockets = await openMany(options.connections, () => open());
    const working = await Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) => {
            socket.once("data", () => resolve(true));
            socket.once("close", () => resolve(false));
            socket.write("ping");
          }),
      ),
    );
    say({ open: working.filter(Boolean).length, seconds: (performance.now() - startedMs) / 1000 });
  },

  /** Connections that take a little now and then: {open}. */
  async slowReaders() {
    const sockets = await openMany(options.connections, async () => {
      const socket = await open({ highWaterMark: 1024 });
      socket.on("data", () => {
        socket.pause();
        setTimeout(() => socket.resume(), 500);
      });
      return socket;
    });
    say({ open: sockets.length });
  },

  /** Plain HTTP requests, one at a time on each connection, where wrk is not installed: {ratePerS, p99}. */
  async requests() {
    const request = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n";
    const times = [];
    const sockets = await openMany(options.connections, () => open());
    const startedMs = performance.now();
    const endMs = startedMs + options.seconds * 1000;
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) => {
            let sentMs = performance.now();
            socket.on("data", () => {
              const now = performance.now();
              times.push(now - sentMs);
              sentMs = now;
              if (now < endMs) return socket.write(request);
              socket.destroy();
              resolve();
            });
            socket.write(request);
          }),
      ),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    times.sort((a, b) => a - b);
    say({ ratePerS: times.length / seconds, p99: times[Math.floor(times.length * 0.99)] });
  },
};

await ROLES[role]();
