// A desk that quotes shares over WebSocket, to whoever has logged in. Prices are those of another service.
//
//   PORT     where it listens: POST /login sets a cookie, GET /desk is the WebSocket
//   PRICES   where the prices are
//   DESK     "careful": it waits 150 ms for a price, and then quotes the one that it has known last, as a text that says so.
//            "careless": it waits as long as it takes
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { accept } from "./sockets.js";

const { PORT, PRICES, DESK } = process.env;
const IS_CAREFUL = DESK === "careful";
const LONGEST_WAIT_MS = 150;

const users = new Set();
const known = new Map();

async function priceOf(share) {
  const options = IS_CAREFUL ? { signal: AbortSignal.timeout(LONGEST_WAIT_MS) } : {};
  const answer = await fetch(`http://${PRICES}/?share=${encodeURIComponent(share)}`, options);
  if (!answer.ok) throw new Error(`prices answered ${answer.status}`);
  return (await answer.json()).cents;
}

/** `id`: of the question. On one connection answers may overtake each other. */
async function quote({ id, share, count }) {
  try {
    const cents = await priceOf(share);
    known.set(share, cents);
    return { id, cents: cents * count, isEstimate: false };
  } catch {
    const cents = known.get(share);
    if (IS_CAREFUL && cents !== undefined) return { id, cents: cents * count, isEstimate: true };
    return { id, error: "no price" };
  }
}

const server = createServer((request, response) => {
  if (request.method !== "POST" || request.url !== "/login") {
    response.statusCode = request.url === "/health" ? 200 : 404;
    response.end();
    return;
  }
  const user = randomUUID();
  users.add(user);
  response.setHeader("set-cookie", `user=${user}; HttpOnly; Path=/`);
  response.end();
});
server.on("upgrade", (request, socket) => {
  const [, user] = /(?:^|; )user=([^;]*)/.exec(request.headers.cookie ?? "") ?? [];
  if (request.url !== "/desk" || !users.has(user)) {
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  accept(request, socket, async (text, say) => say(JSON.stringify(await quote(JSON.parse(text)))));
});
server.listen(Number(PORT), "127.0.0.1");
