// Requests and answers of every kind that HTTP/1 knows, sent through something, every byte compared with what was sent.
import { connect, createServer } from "node:net";
import { seeded } from "./checked-stream.mjs";

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const STATUSES = [
  "200 OK",
  "201 Created",
  "204 No Content",
  "304 Not Modified",
  "404 Not Found",
  "503 Busy",
  "299 ",
];
const LARGEST = 10_000_000;

function bytesOf(length, random) {
  const bytes = Buffer.allocUnsafe(length);
  let word = Math.floor(random() * 2 ** 32) | 1;
  for (let i = 0; i < length; i++) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = word >>> 24;
  }
  return bytes;
}

/** Mostly small; one in some thousand is large. */
function sizeOf(random) {
  const kind = random();
  if (kind < 0.2) return 0;
  if (kind < 0.9) return Math.floor(random() * 2_000);
  return Math.floor(random() * (kind < 0.9995 ? 70_000 : LARGEST));
}

const mixedCase = (name, random) =>
  [...name].map((each) => (random() < 0.3 ? each.toUpperCase() : each)).join("");

function headersOf(random) {
  const lines = [];
  const count = Math.floor(random() * 6);
  for (let i = 0; i < count; i++) {
    const value = random() < 0.1 ? "\xe9\xff " : `${Math.floor(random() * 1e9)}`;
    lines.push(
      `${mixedCase(random() < 0.3 ? "x-same" : `x-${i}`, random)}:${random() < 0.5 ? " " : ""}${value}`,
    );
  }
  return lines;
}

/** A body and the headers that say where it ends. */
function framed(random, mayBeChunked) {
  const body = bytesOf(sizeOf(random), random);
  if (!mayBeChunked || random() < 0.6) {
    const name = mixedCase("content-length", random);
    return { lines: [`${name}: ${body.length}`], body };
  }
  const parts = [];
  for (let at = 0; at < body.length; ) {
    const length = Math.min(body.length - at, 1 + Math.floor(random() * 9_000));
    const size = random() < 0.5 ? length.toString(16) : length.toString(16).toUpperCase();
    const extension = random() < 0.1 ? ";a=b" : "";
    parts.push(Buffer.from(`${size}${extension}\r\n`), body.subarray(at, at + length), Buffer.from("\r\n"));
    at += length;
  }
  const trailers = random() < 0.2 ? "X-Sum: 1\r\nx-sum: 2\r\n" : "";
  parts.push(Buffer.from(`0\r\n${trailers}\r\n`));
  return { lines: [`${mixedCase("transfer-encoding", random)}: chunked`], body: Buffer.concat(parts) };
}

function message(start, lines, body) {
  return Buffer.concat([Buffer.from([start, ...lines, "", ""].join("\r\n"), "latin1"), body]);
}

/** One request and what is answered. */
function exchange(n, random) {
  const method = METHODS[Math.floor(random() * METHODS.length)];
  const hasBody = method !== "GET" && method !== "HEAD" && random() < 0.8;
  const asked = hasBody ? framed(random, true) : { lines: [], body: Buffer.alloc(0) };
  const request = message(
    `${method} /items/${n}?q=%20${Math.floor(random() * 1e6)} HTTP/1.1`,
    ["hOST: corpus", ...headersOf(random), ...asked.lines],
    asked.body,
  );
  const status = STATUSES[Math.floor(random() * STATUSES.length)];
  const answered = framed(random, true);
  const isEmpty = method === "HEAD" || status.startsWith("204") || status.startsWith("304");
  const hints =
    random() < 0.05 ? Buffer.from("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") : Buffer.alloc(0);
  const answer = message(
    `HTTP/1.1 ${status}`,
    [...headersOf(random), ...(status.startsWith("204") ? [] : answered.lines)],
    isEmpty ? Buffer.alloc(0) : answered.body,
  );
  return { request, answer: Buffer.concat([hints, answer]) };
}

/** Reads exactly these bytes from a socket, one after another. */
function reader(socket) {
  let parts = [];
  let length = 0;
  let wanted = null;
  let failure = null;
  const check = () => {
    if (!wanted) return;
    if (length >= wanted.bytes) {
      const all = Buffer.concat(parts);
      const { resolve, bytes } = wanted;
      parts = [all.subarray(bytes)];
      length = all.length - bytes;
      wanted = null;
      resolve(all.subarray(0, bytes));
    } else if (failure) wanted.reject(failure);
  };
  socket.on("data", (bytes) => {
    parts.push(bytes);
    length += bytes.length;
    check();
  });
  socket.on("error", (error) => {
    failure = error;
    check();
  });
  socket.on("close", () => {
    failure ??= new Error("closed before its end");
    check();
  });
  return (bytes) =>
    new Promise((resolve, reject) => {
      wanted = { bytes, resolve, reject };
      check();
    });
}

/**
 * Sends so many exchanges over some connections, several of them at a time on each.
 * @param open is given the upstream's port, and resolves with the port to connect to.
 */
export async function sendCorpus({ exchanges, connections, seed, open }) {
  /** Upstream ends wait for the script of the connection that they are the end of. */
  const waiting = [];
  const arrived = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const taker = waiting.shift();
    if (taker) taker(socket);
    else arrived.push(socket);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = await open(server.address().port);
  const altered = { requests: 0, answers: 0 };
  let bytes = 0;
  let turn = Promise.resolve();
  /** One after the other, so that both ends are known. */
  const openOne = async () => {
    const accepted = arrived.length > 0 ? arrived.shift() : new Promise((resolve) => waiting.push(resolve));
    const client = connect({ port, host: "127.0.0.1", noDelay: true });
    return { client, upstream: await accepted };
  };
  const each = Math.ceil(exchanges / connections);
  const converse = async (number) => {
    const opened = turn.then(openOne);
    turn = opened;
    const { client, upstream } = await opened;
    const random = seeded(seed * 1_000 + number);
    const [fromUpstream, fromClient] = [reader(client), reader(upstream)];
    for (let done = 0; done < each; ) {
      const batch = Array.from({ length: Math.min(each - done, 1 + Math.floor(random() * 4)) }, (_, i) =>
        exchange(number * each + done + i, random),
      );
      done += batch.length;
      const served = (async () => {
        for (const { request, answer } of batch) {
          if (!(await fromClient(request.length)).equals(request)) altered.requests++;
          upstream.write(answer);
        }
      })();
      const sent = Buffer.concat(batch.map(({ request }) => request));
      // In pieces of any size.
      const cut = Math.floor(random() * sent.length);
      client.write(sent.subarray(0, cut));
      if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
      client.write(sent.subarray(cut));
      for (const { answer } of batch) {
        if (!(await fromUpstream(answer.length)).equals(answer)) altered.answers++;
        bytes += answer.length;
      }
      await served;
      bytes += sent.length;
    }
    client.destroy();
    upstream.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => converse(number)));
  server.close();
  return { exchanges: each * connections, bytes, altered };
}
