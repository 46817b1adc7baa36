// The service under test: takes orders and charges them. Node built-ins only.
//
//   PORT           where it listens
//   PAYMENTS_URL   the dependency
//
// It tries a charge three times, with the same idempotency key, and waits as long as Retry-After says.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 3;
const TIMEOUT_MS = 1_000;
const SHORT_WAIT_MS = 50;

async function charge(order) {
  const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
  for (let tried = 1; ; tried++) {
    let waitMs = SHORT_WAIT_MS;
    try {
      const response = await fetch(`${process.env.PAYMENTS_URL}/charges`, {
        method: "POST",
        headers,
        body: order,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      const retryAfterS = response.headers.get("retry-after");
      if (retryAfterS !== null) waitMs = Number(retryAfterS) * 1000;
      throw new Error(`payments answered ${response.status}`);
    } catch (error) {
      if (tried === TRIES) throw error;
    }
    await sleep(waitMs);
  }
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const answer = (status, value) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.url === "/health") return answer(200, { ok: true });
    try {
      answer(201, await charge(Buffer.concat(parts)));
    } catch (error) {
      answer(502, { error: error.message });
    }
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(`checkout on port ${process.env.PORT}`),
);
process.on("SIGTERM", () => process.exit(0));
