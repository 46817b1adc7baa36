// Takes messages from the queue, and sends mails.
//
//   SQS       its URL
//   MAIL      host:port of the mail service
//   GIVEN_UP  a file that gets a line for each message of the dead-letter queue
//   WORKER    "careful": a message is deleted when its mail was sent, kept invisible for as long as that takes, and its mail
//             has a key, so that it is sent once.
//             "deletes-first": SQS forgets a message before its mail was sent.
//             "too-slow": what takes longer than the visibility timeout is handed out again meanwhile
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { sqs, urlOf } from "./queues.js";

const { MAIL, GIVEN_UP, WORKER } = process.env;
const isCareful = WORKER === "careful";
/** How long a message that was received stays invisible. SQS has 30 s by default. */
const VISIBILITY_S = 4;
const WRITING_MS = 1_000;

// The API may have put an event into the queue twice, when it was not answered the first time.
writeFileSync(GIVEN_UP, "", { flag: "a" });
const givenUp = new Set(readFileSync(GIVEN_UP, "utf8").split("\n"));

async function sendMail({ key, to }) {
  // The text has to be written first.
  await sleep(WRITING_MS);
  const response = await fetch(`http://${MAIL}/mails`, {
    method: "POST",
    headers: isCareful ? { "idempotency-key": key } : {},
    body: JSON.stringify({ id: key, to }),
  });
  if (!response.ok) throw new Error(`mail to ${to}: ${response.status}`);
}

const entries = (messages) =>
  messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));

async function remove(QueueUrl, messages) {
  if (messages.length === 0) return;
  const { Failed = [] } = await sqs.send(
    new DeleteMessageBatchCommand({ QueueUrl, Entries: entries(messages) }),
  );
  for (const { Message } of Failed) console.error(Message);
}

function keepInvisible(QueueUrl, messages) {
  const Entries = entries(messages).map((entry) => ({ ...entry, VisibilityTimeout: VISIBILITY_S }));
  return setInterval(() => {
    const again = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
    sqs.send(again).catch((error) => console.error(error.message));
  }, 1_000);
}

/** What fails is received again when it is visible again, and after four times it is in the dead-letter queue. */
async function handle(QueueUrl, messages) {
  if (WORKER === "deletes-first") await remove(QueueUrl, messages);
  const timer = isCareful ? keepInvisible(QueueUrl, messages) : undefined;
  const results = await Promise.allSettled(messages.map(({ Body }) => sendMail(JSON.parse(Body))));
  clearInterval(timer);
  for (const { reason } of results) if (reason) console.error(reason.message);
  const done = messages.filter((_, index) => results[index].status === "fulfilled");
  if (WORKER !== "deletes-first") await remove(QueueUrl, done);
}

async function giveUp(QueueUrl, messages) {
  for (const { Body } of messages) {
    const { key } = JSON.parse(Body);
    if (!givenUp.has(key)) appendFileSync(GIVEN_UP, `${key}\n`);
    givenUp.add(key);
  }
  await remove(QueueUrl, messages);
}

/** It goes on receiving while messages are handled. */
async function receive(QueueUrl, onMessages) {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 2,
    VisibilityTimeout: VISIBILITY_S,
  });
  for (;;) {
    try {
      const { Messages = [] } = await sqs.send(command);
      onMessages(QueueUrl, Messages).catch((error) => console.error(error.message));
    } catch (error) {
      console.error(error.message);
      await sleep(200);
    }
  }
}

receive(await urlOf("events"), handle);
receive(await urlOf("given-up"), giveUp);
console.log("ready");
