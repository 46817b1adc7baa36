// A shop that stores orders, and tries again until the database says that it has one.
//
//   LISTEN        where it listens
//   DATABASE_URL  the database
//   KEYS          "honoured": an order's id is unique, so to store it again changes nothing
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import mysql from "mysql2/promise";

const { LISTEN, DATABASE_URL, KEYS } = process.env;
const isUnique = KEYS === "honoured";
const PATIENCE_MS = 8_000;
/** By default mysql2 waits for an answer for ever. */
const ANSWER_MS = 500;

const pool = mysql.createPool({ uri: DATABASE_URL, connectionLimit: 10, connectTimeout: 1_000 });
await pool.query(`create table orders (
  number int auto_increment primary key, id char(36) not null ${isUnique ? "unique" : ""}, sku varchar(20) not null)`);
const INSERT = `insert ${isUnique ? "ignore" : ""} into orders (id, sku) values (?, ?)`;

async function store(id, sku) {
  const connection = await pool.getConnection();
  try {
    await connection.query({ sql: INSERT, values: [id, sku], timeout: ANSWER_MS });
    connection.release();
  } catch (error) {
    // Its answer may still come, and would be taken for that of the next query.
    connection.destroy();
    throw error;
  }
}

async function place(id, sku) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await store(id, sku);
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  let body = "";
  for await (const part of request) body += part;
  try {
    await place(request.headers["idempotency-key"], JSON.parse(body).sku);
    response.writeHead(201, { "content-type": "application/json" }).end("{}");
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(LISTEN), "127.0.0.1");
