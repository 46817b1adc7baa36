// What is in the topic, past the proxy:
//   topic.js make DIRECT   makes it
//   topic.js read DIRECT   prints each event in it, one in each line
// DIRECT is the file with the port.
import { readFileSync } from "node:fs";
import kafkajs from "kafkajs";

const [, , task, direct] = process.argv;
const TOPIC = "events";
const kafka = new kafkajs.Kafka({
  brokers: [`127.0.0.1:${readFileSync(direct, "utf8").trim()}`],
  logLevel: kafkajs.logLevel.ERROR,
});
const admin = kafka.admin();
await admin.connect();

async function read(end) {
  if (end === 0n) return;
  const consumer = kafka.consumer({ groupId: `reader-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await new Promise((resolve) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        console.log(message.value.toString());
        if (BigInt(message.offset) === end - 1n) resolve();
      },
    });
  });
  await consumer.disconnect();
}

if (task === "make") {
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1, replicationFactor: 1 }] });
} else {
  const [{ high }] = await admin.fetchTopicOffsets(TOPIC);
  await read(BigInt(high));
}
await admin.disconnect();
