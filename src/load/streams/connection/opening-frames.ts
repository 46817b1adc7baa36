import { FLAG, FRAME } from "../../../http2/frames/frame-types.js";
import type { FrameOutput } from "../frames/frame-output.js";
import { LARGEST_LIST_BYTES } from "./header-blocks.js";
import { CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES } from "./incoming-frames.js";
import { SETTING, USUAL_WINDOW_BYTES } from "./peer-settings.js";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Sets the size of the table of headers to 0, at the beginning of a block: RFC 7541, 6.3. The encoder keeps nothing in it. A
 * server that makes its table smaller waits for such a sign, and from 0 no size that it sets later is smaller.
 */
const NO_TABLE = Buffer.of(0x20);

/** The id of a connection's first stream. */
const FIRST_STREAM_ID = 1;

/** Sends what a connection begins with: RFC 9113, 3.4. */
export function sendPreface(output: FrameOutput): void {
  output.raw(PREFACE);
  output.settings([
    [SETTING.enablePush, 0],
    [SETTING.initialWindowSize, STREAM_WINDOW_BYTES],
    [SETTING.maxHeaderListSize, LARGEST_LIST_BYTES],
  ]);
  output.numbers(FRAME.windowUpdate, 0, 0, CONNECTION_WINDOW_BYTES - USUAL_WINDOW_BYTES);
}

/**
 * Sends the block of headers with which a stream begins, in as many frames as it takes.
 * @param mostBytes the largest payload of a frame that the other side takes.
 */
export function sendHead(
  output: FrameOutput,
  id: number,
  head: Buffer,
  endsStream: boolean,
  mostBytes: number,
): void {
  const block = id === FIRST_STREAM_ID ? Buffer.concat([NO_TABLE, head]) : head;
  const ending = endsStream ? FLAG.endStream : 0;
  if (block.length <= mostBytes) {
    output.frame(FRAME.headers, ending | FLAG.endHeaders, id, block);
    return;
  }
  output.frame(FRAME.headers, ending, id, block, 0, mostBytes);
  for (let from = mostBytes; from < block.length; from += mostBytes) {
    const to = Math.min(block.length, from + mostBytes);
    output.frame(FRAME.continuation, to === block.length ? FLAG.endHeaders : 0, id, block, from, to);
  }
}
