// Reserves what is asked for. It forgets everything when it ends.
import http from "node:http";

let reserved = 0;

http
  .createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url === "/health") return response.end("ok");
      reserved += 1;
      response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ reserved }));
    });
  })
  .listen(Number(process.env.PORT), "127.0.0.1");
