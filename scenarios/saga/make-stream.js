// Makes the stream that keeps events, and the consumer that hands them out.
import { AckPolicy, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const connection = await connect({ servers: process.argv[2] });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "orders", subjects: ["orders"] });
// An event that was not acknowledged within two seconds is handed out again (in nanoseconds).
const consumer = { durable_name: "worker", ack_policy: AckPolicy.Explicit, ack_wait: 2e9 };
await manager.consumers.add("orders", consumer);
await connection.close();
