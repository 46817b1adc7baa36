// Takes events, and publishes them.
//
//   PORT     where it listens
//   KAFKA    host:port of Kafka
//   CLIENTS  "careful": an event is accepted when Kafka has it, and is sent again until then, with the number that
//            tells Kafka that it is the same. "careless": each is sent for itself, without a number
//   ACKS     how many brokers the careless API waits for: 0, 1, or -1 for all
import { createServer } from "node:http";
import { isCareful, kafka, TOPIC } from "./client.js";

const { PORT, ACKS } = process.env;
const producer = kafka.producer({ idempotent: isCareful, allowAutoTopicCreation: false });
await producer.connect();

let waiting = [];
let isSending = false;

/**
 * Events go out together, and one batch at a time. kafkajs gives the number of a batch that failed to the next one that it
 * sends: were that another batch, Kafka would take it for the first, and drop it.
 */
async function sendWaiting() {
  if (isSending) return;
  isSending = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const messages = batch.map(({ key }) => ({ key, value: key }));
    for (;;) {
      try {
        await producer.send({ topic: TOPIC, acks: -1, messages });
        break;
      } catch (error) {
        console.error(`send: ${error.message}`);
      }
    }
    for (const { accept } of batch) accept();
  }
  isSending = false;
}

function sent(key) {
  return new Promise((accept) => {
    waiting.push({ key, accept });
    sendWaiting();
  });
}

createServer(async (request, response) => {
  request.resume();
  if (request.url === "/health") return response.end("ok");
  const key = request.headers["idempotency-key"];
  try {
    if (isCareful) await sent(key);
    else await producer.send({ topic: TOPIC, acks: Number(ACKS), messages: [{ key, value: key }] });
    response.writeHead(202).end();
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
