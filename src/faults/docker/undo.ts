import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../support/errors.js";
import type { Undo, UndoEntry } from "../undo-entry.js";
import { DockerEngine } from "./client/engine-api.js";
import { deedKey, type EngineDeed, isEngineDeed } from "./undo/deed.js";
import { type PutBack, putBackDeed } from "./undo/put-back.js";

/** A call of a process that has died may be carried out a moment later. */
const IN_FLIGHT_MS = 400;

/** Puts containers and Swarm services back as they were found, from what runs wrote down. It asks the engine what they are now. */
export const undo: Undo = async (entries, { dryRun }) => {
  const unread = entries.filter(({ undo: deed }) => !isEngineDeed(deed));
  const tasks = latest(entries);
  await putBackAll(tasks, dryRun);
  if (!dryRun && tasks.some(isIdle)) {
    await wait(IN_FLIGHT_MS);
    await putBackAll(tasks.filter(isIdle), dryRun);
  }
  return {
    did: tasks.flatMap(({ did }) => (did === null ? [] : [didText(did)])),
    failures: [
      ...unread.map(({ text }) => `${text}: how to undo it cannot be read`),
      ...tasks.flatMap(({ failure }) => failure ?? []),
    ],
  };
};

interface Task {
  readonly deed: EngineDeed;
  readonly text: string;
  did: PutBack;
  failure: string | null;
}

function didText(did: NonNullable<PutBack>): string {
  return did.id === "restored" ? did.text : `leave ${did.what} as it is: ${did.why}`;
}

function isIdle({ did, failure }: Task): boolean {
  return did === null && failure === null;
}

/** Of each thing only the last deed of its kind: the run itself has undone those before it. What is over is left out. */
function latest(entries: readonly UndoEntry[]): readonly Task[] {
  const tasks = new Map<string, Task>();
  for (const { undo: deed, text } of entries) {
    if (!isEngineDeed(deed)) continue;
    const key = deedKey(deed);
    // A later one goes to the end.
    tasks.delete(key);
    if (deed.isOver !== true) tasks.set(key, { deed, text, did: null, failure: null });
  }
  return [...tasks.values()];
}

/**
 * What was done to one container is undone in reverse, but networks are joined in their order: the default route goes by
 * the first. Several containers do not wait for each other.
 */
async function putBackAll(tasks: readonly Task[], dryRun: boolean): Promise<void> {
  const ids = [...new Set(tasks.map(({ deed }) => deed.id))];
  const engines = new Map<string, DockerEngine>();
  const engineOf = ({ engine: access }: EngineDeed) => {
    const key = JSON.stringify(access);
    const engine = engines.get(key) ?? new DockerEngine(access);
    engines.set(key, engine);
    return engine;
  };
  await Promise.all(
    ids.map(async (id) => {
      const own = tasks.filter(({ deed }) => deed.id === id);
      const isCut = ({ deed }: Task) => deed.deed === "cut";
      for (const task of [...own.filter((each) => !isCut(each)).reverse(), ...own.filter(isCut)]) {
        try {
          task.did = await putBackDeed(engineOf(task.deed), task.deed, { dryRun, mayPend: true });
        } catch (error) {
          task.failure = `${task.text}: ${messageOf(error)}`;
        }
      }
    }),
  );
}
