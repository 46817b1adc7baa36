// How API and worker talk to SQS.
//
//   SQS  its URL
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";

export const sqs = new SQSClient({
  // With it the SDK stays at this address. Without it, it goes on to the one in the queue's URL.
  endpoint: process.env.SQS,
  region: "local",
  credentials: { accessKeyId: "any", secretAccessKey: "any" },
  requestHandler: {
    connectionTimeout: 1_000,
    // By default an answer is waited for until 15 minutes were silent, and a limit that has passed is only logged.
    requestTimeout: 5_000,
    throwOnRequestTimeout: true,
  },
  // By default three.
  maxAttempts: 5,
});

export async function urlOf(queue) {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  return QueueUrl;
}
