// Takes orders, and asks the inventory for each of them. What it does when the inventory fails is set by the environment:
//   TIMEOUT_MS  how long it waits for an answer; empty: for ever
//   RETRIES     how often it tries again
//   BACKOFF_MS  how long it waits before; twice as long before each further try when BACKOFF is "exponential"
//   BREAKER     "on": it stops asking for two seconds after many failures
//   FALLBACK    "on": it takes the order anyway, and reserves later
//   POOL        the most connections that it opens; empty: as many as it needs
//   LEAK        "on": it does not read an answer that is an error, and so never gets its connection back
import { randomUUID } from "node:crypto";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import CircuitBreaker from "opossum";

const { PORT, INVENTORY_URL, TIMEOUT_MS, RETRIES, BACKOFF_MS, BACKOFF, BREAKER, FALLBACK, POOL, LEAK } =
  process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: POOL ? Number(POOL) : Infinity });

/** One request to the inventory. */
function reserve(order) {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(order);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request(`${INVENTORY_URL}/reserve`, { method: "POST", agent, headers }, (answer) => {
      if (LEAK === "on" && answer.statusCode >= 500) return reject(new Error("the inventory failed"));
      answer.resume().on("end", () => {
        if (answer.statusCode < 500) resolve(answer.statusCode);
        else reject(new Error(`the inventory answered ${answer.statusCode}`));
      });
    });
    if (TIMEOUT_MS) {
      const timer = setTimeout(
        () => request.destroy(new Error("the inventory took too long")),
        Number(TIMEOUT_MS),
      );
      request.on("close", () => clearTimeout(timer));
    }
    request.on("error", reject).end(body);
  });
}

async function reserveWithRetries(order) {
  for (let tried = 0; ; tried += 1) {
    try {
      return await reserve(order);
    } catch (error) {
      if (tried >= Number(RETRIES || 0)) throw error;
      await sleep(Number(BACKOFF_MS || 20) * (BACKOFF === "exponential" ? 2 ** tried : 1));
    }
  }
}

// The times are ours: opossum's own timeout is switched off.
const breaker = new CircuitBreaker(reserveWithRetries, {
  timeout: false,
  errorThresholdPercentage: 50,
  volumeThreshold: 10,
  resetTimeout: 2_000,
});
const ask = BREAKER === "on" ? (order) => breaker.fire(order) : reserveWithRetries;

http
  .createServer((request, response) => {
    request.resume().on("end", async () => {
      if (request.url === "/health") return response.end("ok");
      const order = { id: randomUUID(), sku: "A1" };
      try {
        await ask(order);
        response.writeHead(201).end(JSON.stringify(order));
      } catch (error) {
        if (FALLBACK === "on") response.writeHead(202).end(JSON.stringify({ ...order, reserved: "later" }));
        else response.writeHead(502).end(error.message);
      }
    });
  })
  .listen(Number(PORT), "127.0.0.1");
