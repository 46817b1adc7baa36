/** The embedded server in a thread of its own, so that load and screen do not disturb what passes through it. */
import { hasCode, messageOf } from "../../../support/errors.js";
import { insideServerThread } from "../../between/inside-thread.js";
import { EmbeddedServer } from "./server.js";
import type { FromWorker, WorkerStart } from "./start.js";

const thread = insideServerThread<WorkerStart, FromWorker>();
try {
  const server = await EmbeddedServer.listen(thread.data.options);
  // It is told nothing but to stop.
  thread.listen(
    () => {},
    () => server.close(),
  );
  thread.say({ kind: "listening", url: server.url });
} catch (error) {
  thread.say({ kind: "failed", isInUse: hasCode(error, "EADDRINUSE"), message: messageOf(error) });
  thread.end();
}
