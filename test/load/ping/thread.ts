import { PROTOCOLS } from "../../../src/load/protocols.js";
import { runThread } from "../../../src/load/thread/run-thread.js";
import { ping } from "./protocol.js";

await runThread([...PROTOCOLS, ping]);
