// Takes jobs, and hands them to NATS.
//
//   PORT      where it listens
//   NATS      host:port of NATS
//   CLIENTS   "careful": a job is accepted when the stream has it, and is sent again until then.
//             "careless": a job is accepted when it was written to the connection
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import { connectTo } from "./connection.js";

const { PORT, NATS, CLIENTS } = process.env;
const PATIENCE_MS = 8_000;

const connection = await connectTo(NATS);
const stream = jetstream(connection);

/** The stream forgets a job that it got before with the same id, so it is harmless to send one again. */
async function hand(key) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await stream.publish("jobs", key, { msgID: key, timeout: 500 });
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}

createServer(async (request, response) => {
  request.resume();
  if (request.url === "/health") return response.end("ok");
  const key = request.headers["idempotency-key"];
  try {
    if (CLIENTS === "careful") await hand(key);
    else connection.publish("jobs", key);
    response.writeHead(202).end();
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
