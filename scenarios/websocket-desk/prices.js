// What a share costs.
//
//   PORT   where it listens
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const share = new URL(request.url, "http://prices").searchParams.get("share") ?? "";
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ share, cents: 1000 + 7 * share.length }));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
