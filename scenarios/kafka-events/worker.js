// Handles events.
//
//   KAFKA    host:port of Kafka
//   HANDLED  a file that gets a line for each event that was handled
//   CLIENTS  "careful": the offset is committed when the event was handled, and one that comes again is handled no second
//            time. "careless": nobody waits for the work, so its offset is committed before
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isCareful, kafka, TOPIC } from "./client.js";

const { HANDLED } = process.env;
const WORK_MS = 1_000;
/** A unique index would do this for a database. */
const handled = new Set(existsSync(HANDLED) ? readFileSync(HANDLED, "utf8").split("\n") : []);

async function handle(key) {
  await sleep(WORK_MS);
  if (isCareful && handled.has(key)) return;
  handled.add(key);
  appendFileSync(HANDLED, `${key}\n`);
}

// One that was killed counts as a member until its session ends: until then nobody gets its partitions. By default 30 s.
const consumer = kafka.consumer({ groupId: "workers", sessionTimeout: 3_000, heartbeatInterval: 500 });
consumer.on(consumer.events.GROUP_JOIN, () => console.log("ready"));
await consumer.connect();
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    const work = Promise.all(batch.messages.map(({ value }) => handle(value.toString())));
    if (isCareful) await work;
  },
});
