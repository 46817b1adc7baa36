import { createServer, type RequestListener } from "node:http";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { harmlessJson } from "../../support/printable.js";
import type { GameDayStatus, StatusBoard } from "./board.js";
import { gameDayMetricsText } from "./metrics.js";

const HOST = "127.0.0.1";

/**
 * Serves /health and /metrics on loopback. Port 0: the system picks one.
 * @throws FaultlineError PORT_IN_USE.
 */
export async function serveStatus(
  board: StatusBoard,
  port: number,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer(listener(board));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new FaultlineError("PORT_IN_USE", `cannot listen on ${HOST}:${port}: ${messageOf(error)}`));
    });
    server.listen(port, HOST, resolve);
  });
  // A connection that cannot be accepted is lost to whoever asked. The scheduler goes on.
  server.on("error", () => {});
  const address = server.address();
  const listens = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${HOST}:${listens}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listener(board: StatusBoard): RequestListener {
  return (request, response) => {
    const path = request.url?.split("?")[0];
    const answer = (status: number, type: string, body: string) =>
      void response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    if (request.method !== "GET") answer(405, "text/plain", "GET only\n");
    else if (path === "/metrics")
      answer(200, "text/plain; version=0.0.4", gameDayMetricsText(board.days, Date.now()));
    else if (path === "/health") answer(200, "application/json", `${harmlessJson(health(board.days), 0)}\n`);
    else answer(404, "text/plain", "here are /health and /metrics\n");
  };
}

function health(days: readonly GameDayStatus[]) {
  const time = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
  return {
    status: "ok",
    gameDays: days.map(({ name, nextMs, runningSinceMs, last, missed, postponedBecause }) => ({
      name,
      next: time(nextMs),
      runningSince: time(runningSinceMs),
      last: last && { ...last, endedMs: undefined, ended: time(last.endedMs) },
      missed,
      postponedBecause,
    })),
  };
}
