// Takes orders for mails, and puts them into the queue.
//
//   PORT  where it listens
//   SQS   its URL
import { createServer } from "node:http";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { sqs, urlOf } from "./queues.js";

const QueueUrl = await urlOf("events");

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  let body = "";
  for await (const part of request) body += part;
  try {
    const event = { key: request.headers["idempotency-key"], to: JSON.parse(body).to };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
    response.writeHead(202).end();
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(process.env.PORT), "127.0.0.1");
