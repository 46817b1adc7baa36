// Keeps the stock, for services that bring a token of their own.
//
//   PORT          where it listens
//   IDENTITY_URL  the token service. It is asked for its keys once, at the start
import { createServer } from "node:http";
import { claimsOf } from "./tokens.js";

const { PORT, IDENTITY_URL } = process.env;
const { keys } = await (await fetch(new URL("/keys", IDENTITY_URL))).json();
const tokens = new Set();
let refused = 0;

createServer((request, response) => {
  request.resume();
  if (request.url === "/health") return response.end("ok");
  if (request.url === "/seen") {
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ tokens: tokens.size, refused }));
  }
  const token = request.headers.authorization;
  if (claimsOf(token, keys)?.sub !== "shop") {
    refused++;
    return response.writeHead(401).end();
  }
  tokens.add(token);
  response.writeHead(204).end();
}).listen(Number(PORT), "127.0.0.1");
