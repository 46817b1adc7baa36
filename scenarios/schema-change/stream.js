import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const connection = await connect({ servers: process.env.NATS, maxReconnectAttempts: -1 });
const stream = jetstream(connection);

export function publish(subject, bytes) {
  return stream.publish(subject, bytes, { timeout: 1_000 });
}

/** Hands each message of a subject to `handle`. One that fails is handed out again. */
export async function consume(subject, handle) {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "orders", subjects: ["placed", "priced"] });
  const settings = { durable_name: subject, filter_subject: subject, ack_policy: AckPolicy.Explicit };
  await manager.consumers.add("orders", settings);
  const messages = await (await stream.consumers.get("orders", subject)).consume();
  console.log("ready");
  for await (const message of messages) {
    try {
      await handle(message.data);
      message.ack();
    } catch (error) {
      console.error(`handed out again: ${error.message}`);
      await sleep(100);
      message.nak();
    }
  }
}
