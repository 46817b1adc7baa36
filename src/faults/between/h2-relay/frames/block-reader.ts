import { HeaderBlockError } from "../../../../http2/hpack/header-decoder.js";
import { NO_BYTES } from "./frame-stream.js";
import type { HeaderBlock, RelayedBlocks } from "./relayed-blocks.js";

/** Who looks at the blocks of headers of one direction. */
export interface BlockLook {
  /** A block is whole. @returns what goes on of it. */
  onBlock(block: HeaderBlock): Buffer;
  /** A block cannot be read. @param frame the last of its frames. */
  onUnreadable(frame: Buffer): void;
}

/** Reads blocks of headers from the frames of one direction. */
export class BlockReader {
  readonly #blocks: RelayedBlocks;
  readonly #look: BlockLook;

  constructor(blocks: RelayedBlocks, look: BlockLook) {
    this.#blocks = blocks;
    this.#look = look;
  }

  /**
   * Reads a frame of a block: HEADERS, PUSH_PROMISE, CONTINUATION.
   * @returns what goes on in its place; null: the frame itself.
   */
  read(type: number, flags: number, streamId: number, frame: Buffer): Buffer | null {
    try {
      const block = this.#blocks.take(type, flags, streamId, frame);
      if (block === null) return NO_BYTES;
      const bytes = this.#look.onBlock(block);
      return bytes === frame ? null : bytes;
    } catch (error) {
      if (!(error instanceof HeaderBlockError)) throw error;
      // The held frames go on here, so they are taken before anyone else can take them.
      const held = this.#blocks.takeHeld();
      this.#look.onUnreadable(frame);
      return held.length === 0 ? null : Buffer.concat([...held, frame]);
    }
  }
}
