import { PROTOCOLS } from "../protocols.js";
import { runThread } from "./run-thread.js";

// What each of the load's worker threads is started with (load-threads.ts).
await runThread(PROTOCOLS);
