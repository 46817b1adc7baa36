// Accepts orders (202). A worker completes them later, when it hears of them.
//
//   PORT          where it listens
//   DATABASE_URL  the database
//   NATS          host:port of the broker
//   SHOP          "careful": the order and its event are stored in one transaction (an outbox), and published from there.
//                 "careless": the order is stored, and then its event is published (a double write)
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import pg from "pg";
import { connectTo } from "./connection.js";

const { PORT, DATABASE_URL, NATS, SHOP } = process.env;
const isCareful = SHOP === "careful";

const pool = new pg.Pool({ connectionString: DATABASE_URL });
const broker = await connectTo(NATS);
const stream = jetstream(broker);

const WITH_EVENT = `
  with placed as (insert into orders (id, amount) values ($1, $2) on conflict do nothing returning id, amount)
  insert into outbox (order_id, amount) select id, amount from placed`;

/** Publishes what is in the outbox, and takes out what the stream has. A crash between the two publishes it once more. */
async function emptyOutbox() {
  const { rows } = await pool.query("select number, order_id, amount from outbox order by number limit 100");
  for (const { number, order_id: id, amount } of rows) {
    await stream.publish("orders", JSON.stringify({ id, amount }), { msgID: id, timeout: 500 });
    await pool.query("delete from outbox where number = $1", [number]);
  }
}

async function keepOutboxEmpty() {
  for (;;) {
    await emptyOutbox().catch((error) => console.error(`the event stays in the outbox: ${error.message}`));
    await sleep(50);
  }
}

/** Whatever becomes of the shop or the broker meanwhile, the order is there, and nobody is told of it. */
async function publishLater(id, amount) {
  // Stands for what a shop does first: it writes a receipt, and sends a mail.
  await sleep(100);
  broker.publish("orders", JSON.stringify({ id, amount }));
}

if (isCareful) keepOutboxEmpty();

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  let body = "";
  for await (const part of request) body += part;
  const id = request.headers["idempotency-key"];
  const { amount } = JSON.parse(body);
  try {
    if (isCareful) await pool.query(WITH_EVENT, [id, amount]);
    else await pool.query("insert into orders (id, amount) values ($1, $2)", [id, amount]);
    response.writeHead(202).end();
    if (!isCareful) await publishLater(id, amount);
  } catch (error) {
    if (!response.headersSent) response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
