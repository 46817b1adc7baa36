// Does jobs.
//
//   NATS     host:port of NATS
//   DONE     a file that gets a line for each job that was done
//   CLIENTS  "careful": a job is acknowledged when it was done, and one that comes again is not done a second time.
//            "careless": it listens to the subject, and gets what comes while it is connected
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import { connectTo } from "./connection.js";

const { NATS, DONE, CLIENTS } = process.env;
/** A unique index would do this for a database. */
const done = new Set();

async function work(key) {
  await sleep(10);
  if (CLIENTS === "careful" && done.has(key)) return;
  done.add(key);
  appendFileSync(DONE, `${key}\n`);
}

const connection = await connectTo(NATS);

async function workOnStream() {
  const consumer = await jetstream(connection).consumers.get("jobs", "worker");
  for (;;) {
    try {
      const messages = await consumer.consume({ max_messages: 50, expires: 2_000 });
      console.log("ready");
      for await (const message of messages) {
        await work(message.string());
        message.ack();
      }
    } catch (error) {
      console.error(`consumer: ${error.message}`);
    }
    await sleep(200);
  }
}

async function workOnSubject() {
  const messages = connection.subscribe("jobs");
  console.log("ready");
  for await (const message of messages) await work(message.string());
}

await (CLIENTS === "careful" ? workOnStream() : workOnSubject());
