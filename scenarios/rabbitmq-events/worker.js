// Handles events.
//
//   AMQP_URL  RabbitMQ
//   HANDLED   a file that gets a line for each event that was handled
//   CLIENTS   "careful": an event is acknowledged when it was handled, and one that comes again is handled no second time.
//             "careless": RabbitMQ forgets an event as soon as it was sent
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { stayConnected } from "./connection.js";

const { HANDLED, CLIENTS } = process.env;
const isCareful = CLIENTS === "careful";
const QUEUE = "events";
/** A unique index would do this for a database. */
const handled = new Set();

async function handle(key) {
  await sleep(20);
  if (isCareful && handled.has(key)) return;
  handled.add(key);
  appendFileSync(HANDLED, `${key}\n`);
}

await stayConnected(async (connection) => {
  const channel = await connection.createChannel();
  channel.on("error", (error) => console.error(`channel: ${error.message}`));
  await channel.assertQueue(QUEUE, { durable: true });
  await channel.prefetch(20);
  let isOpen = true;
  connection.once("close", () => {
    isOpen = false;
  });
  const onMessage = async (message) => {
    if (message === null) return;
    await handle(message.content.toString());
    // RabbitMQ sends it again on the next connection when this one is gone.
    if (isCareful && isOpen) channel.ack(message);
  };
  await channel.consume(QUEUE, onMessage, { noAck: !isCareful });
});
console.log("ready");
