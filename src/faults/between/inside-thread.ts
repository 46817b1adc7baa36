/** The side of a server's thread that `server-thread.ts` starts. */
import { parentPort, workerData } from "node:worker_threads";
import { onLimitHit } from "../../support/limit-hit.js";
import { StandstillLog } from "../../support/standstills.js";
import { type FromServerThread, type ServerThreadData, STOP } from "./server-thread.js";

export interface InsideThread<Data, Message, Told> {
  readonly data: Data;
  say(message: Message): void;
  /** From now on it is told things, and to stop: then it ends once `stop` is done. */
  listen(told: (message: Told) => void, stop: () => void | Promise<void>): void;
  /** Ends the thread, when nothing else keeps it alive. */
  end(): void;
}

/**
 * To be called once, at the beginning. Its standstills are written down from then on, and limits that are hit are told.
 */
export function insideServerThread<Data extends ServerThreadData, Message, Told = never>(): InsideThread<
  Data,
  Message,
  Told
> {
  const port = parentPort;
  if (!port) throw new Error("runs only as a worker thread");
  // Started with nothing else, by the file beside that of the thread.
  const data = workerData as Data;
  new StandstillLog(data.standstills).watchThisThread();
  const post = (message: FromServerThread<Message>) => port.postMessage(message);
  onLimitHit((code) => post({ limit: code }));
  return {
    data,
    say: (said) => post({ said }),
    listen(told, stop) {
      port.on("message", async (said: typeof STOP | Told) => {
        if (said !== STOP) return told(said);
        await stop();
        port.close();
      });
    },
    end: () => port.close(),
  };
}
