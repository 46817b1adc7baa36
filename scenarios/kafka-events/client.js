// How both services connect to Kafka.
import kafkajs from "kafkajs";

export const TOPIC = "events";
export const isCareful = process.env.CLIENTS === "careful";

/** A broker that does not answer is given up after a second, and asked again for as long as it takes. */
const CAREFUL = {
  connectionTimeout: 1_000,
  // By default 30 s.
  requestTimeout: 1_000,
  // By default five times.
  retry: { initialRetryTime: 100, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
};

export const kafka = new kafkajs.Kafka({
  clientId: "events",
  brokers: [process.env.KAFKA],
  logLevel: kafkajs.logLevel.ERROR,
  ...(isCareful ? CAREFUL : {}),
});
