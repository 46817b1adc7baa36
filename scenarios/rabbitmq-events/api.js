// Takes events, and publishes them.
//
//   PORT      where it listens
//   AMQP_URL  RabbitMQ
//   CLIENTS   "careful": an event is accepted when RabbitMQ has confirmed it, and published again until then.
//             "careless": it is accepted when it was written to the connection
import { createServer } from "node:http";
import { stayConnected } from "./connection.js";

const { PORT, CLIENTS } = process.env;
const QUEUE = "events";
const PATIENCE_MS = 3_000;

/** By key: how to tell that an event was confirmed. */
const unconfirmed = new Map();
let channel = null;

/** What is not confirmed, because the channel closed, is published again on the next one. */
function publish(key) {
  const options = { persistent: true, messageId: key };
  try {
    channel.sendToQueue(QUEUE, Buffer.from(key), options, (error) => {
      if (error) return;
      unconfirmed.get(key)?.();
      unconfirmed.delete(key);
    });
  } catch (error) {
    console.error(`channel: ${error.message}`);
  }
}

/** Rejects when it took too long. Then nobody knows what became of the event: its sender may send it again. */
function confirmed(key) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      unconfirmed.delete(key);
      reject(new Error("not confirmed in time"));
    }, PATIENCE_MS);
    unconfirmed.set(key, () => {
      clearTimeout(late);
      resolve();
    });
    if (channel !== null) publish(key);
  });
}

await stayConnected(async (connection) => {
  const opened = await (CLIENTS === "careful"
    ? connection.createConfirmChannel()
    : connection.createChannel());
  opened.on("error", (error) => console.error(`channel: ${error.message}`));
  await opened.assertQueue(QUEUE, { durable: true });
  connection.once("close", () => {
    channel = null;
  });
  channel = opened;
  for (const key of unconfirmed.keys()) publish(key);
});

createServer(async (request, response) => {
  request.resume();
  if (request.url === "/health") return response.end("ok");
  const key = request.headers["idempotency-key"];
  try {
    if (CLIENTS === "careful") await confirmed(key);
    else channel.sendToQueue(QUEUE, Buffer.from(key), { messageId: key });
    response.writeHead(202).end();
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
