// A shop that reads products from a cache, and from its database when the cache has none or fails.
//
//   PORT                    where it listens
//   REDIS_HOST, REDIS_PORT  the cache
//   CLIENT                  "careful": it waits 100 ms for the cache, and never for a connection.
//                           "careless": the client's defaults, which wait for ever
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

const { PORT, REDIS_HOST, REDIS_PORT, CLIENT } = process.env;
const CAREFUL = {
  // Without it a command waits for its answer for ever.
  commandTimeout: 100,
  connectTimeout: 500,
  // Without a connection a command fails at once. By default it waits in a queue for the next connection.
  enableOfflineQueue: false,
  // A command that was under way when its connection broke fails. By default it is sent again, up to 20 times.
  maxRetriesPerRequest: 0,
  // By default up to 5 s between two attempts to connect.
  retryStrategy: (tries) => Math.min(50 * tries, 500),
};
const cache = new Redis({
  host: REDIS_HOST,
  port: Number(REDIS_PORT),
  ...(CLIENT === "careful" ? CAREFUL : {}),
});
cache.on("error", (error) => console.error(`cache: ${error.message}`));

/** Stands for a query that the cache is there to save. */
async function fromDatabase(id) {
  await sleep(5);
  return JSON.stringify({ id, name: `Product ${id}` });
}

async function product(id) {
  const key = `product:${id}`;
  let cached = null;
  try {
    cached = await cache.get(key);
  } catch {
    // The fallback. It is worth nothing to a client that never gives up.
  }
  if (cached !== null) return cached;
  const found = await fromDatabase(id);
  // Nobody waits for it.
  cache.set(key, found, "EX", 60).catch(() => {});
  return found;
}

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  try {
    const body = await product(request.url.split("/").at(-1));
    response.setHeader("content-type", "application/json").end(body);
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
