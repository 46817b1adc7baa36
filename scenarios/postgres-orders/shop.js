// A shop that stores orders, and counts what was sold, in one transaction.
//
//   PORT          where it listens
//   DATABASE_URL  the database
//   SHOP          "careful": limits of time, one round trip, and it tries again with the order's key.
//                 "careless": the defaults of the client, and a statement for each thought
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const { PORT, DATABASE_URL, SHOP } = process.env;
const isCareful = SHOP === "careful";
const PATIENCE_MS = 8_000;

const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  max: 10,
  ...(isCareful
    ? {
        // How long an order waits for a connection. By default: for ever.
        connectionTimeoutMillis: 500,
        // How long it waits for an answer. By default: for ever.
        query_timeout: 500,
      }
    : {}),
});
// Idle connections break, too. Without a listener this ends the process.
if (isCareful) pool.on("error", (error) => console.error(`idle connection: ${error.message}`));

const ORDER = `
  with placed as (insert into orders (key, sku) values ($1, $2) on conflict (key) do nothing returning sku)
  update stock set sold = sold + 1 from placed where stock.sku = placed.sku`;

/** One statement is one transaction and one round trip, and the key makes it harmless to send it twice. */
async function placeOnce(key, sku) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await pool.query(ORDER, [key, sku]);
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}

/** Four round trips. When the answer to the last one is lost, nobody knows whether the order was placed. */
async function place(key, sku) {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("insert into orders (key, sku) values ($1, $2)", [key, sku]);
    await client.query("update stock set sold = sold + 1 where sku = $1", [sku]);
    await client.query("commit");
  } finally {
    client.release();
  }
}

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  let body = "";
  for await (const part of request) body += part;
  try {
    await (isCareful ? placeOnce : place)(request.headers["idempotency-key"], JSON.parse(body).sku);
    response.writeHead(201, { "content-type": "application/json" }).end("{}");
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
