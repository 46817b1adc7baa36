// Says how many pieces of something there are.
//
//   PORT   where it listens
import { createServer } from "node:http";

const { PORT } = process.env;

createServer((_, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ pieces: 7 }));
}).listen(Number(PORT), "127.0.0.1");
