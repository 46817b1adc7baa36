import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { oneLine } from "../../support/printable.js";
import { wholeOrSize } from "../../support/secrets/said.js";
import type { PageRequest } from "../watch/live-model.js";

const LARGEST_BODY_BYTES = 8 * 1024;
const LONGEST_NAME = 80;
const LONGEST_TEXT = 500;

const body = z.object({ by: z.string(), text: z.string() });

/** What somebody wrote on the page. Resolves with null when it is not what the page sends. */
export async function readPageRequest(request: IncomingMessage): Promise<PageRequest | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LARGEST_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  try {
    const { by, text } = body.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    return { by: short(by, LONGEST_NAME), text: short(text, LONGEST_TEXT) };
  } catch {
    return null;
  }
}

/** The page lets nobody write more. */
function short(text: string, most: number): string {
  return wholeOrSize(oneLine(text), most);
}
