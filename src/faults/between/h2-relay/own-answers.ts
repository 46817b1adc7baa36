import { headerFrames, resetFrame } from "./frames/own-frames.js";
import type { OwnBodies } from "./own-bodies.js";
import type { OwnBody, RelayedStream } from "./relayed-stream.js";
import type { AnswersOfOurs, StreamHost } from "./stream-host.js";

/** What clients get in place of the upstream's answers, or of their bodies. */
export class OwnAnswers implements AnswersOfOurs {
  readonly #host: StreamHost;
  readonly #bodies: OwnBodies;
  /** Streams that get answers of ours once the upstream has begun. */
  readonly #waiting: RelayedStream[] = [];

  constructor(host: StreamHost, bodies: OwnBodies) {
    this.#host = host;
    this.#bodies = bodies;
  }

  answer(stream: RelayedStream): void {
    const { streams, towardsClient, answerBlocks } = this.#host;
    const { clientId } = stream;
    // Nobody waits for it where its client has closed.
    const isOver = stream.end !== null || streams.ofClient(clientId) !== stream;
    if (!stream.deed?.own || stream.isGiven || isOver) return;
    if (!towardsClient.hasBegun) {
      this.#waiting.push(stream);
      return;
    }
    this.#host.letGo(stream);
    const reply = stream.ownReply();
    if (reply.kind === "reset") {
      towardsClient.insert(resetFrame(clientId, reply.error));
      this.#host.finish(stream, "broken_off");
      return;
    }
    stream.answeredWith(reply.list);
    const block = answerBlocks.encode(reply.list);
    const endsStream = reply.body.length === 0;
    towardsClient.insert(headerFrames({ streamId: clientId, block, endsStream }));
    const done = () => {
      // It need not send the rest.
      if (!stream.requestEnded) towardsClient.insert(resetFrame(clientId, "NO_ERROR"));
      this.#host.finish(stream, "answered");
    };
    if (endsStream) done();
    else this.#bodies.give(stream, { bytes: reply.body, isWhole: true }, done);
  }

  /** The upstream has begun. */
  begun(): void {
    for (const stream of this.#waiting.splice(0)) this.answer(stream);
  }

  giveBody(stream: RelayedStream, body: OwnBody): void {
    this.#bodies.give(stream, body, () => {
      if (!body.isWhole) this.#host.towardsClient.insert(this.#host.cut(stream));
      else if (stream.upstreamEnded) this.#host.answerEnded(stream);
      else this.#host.answered(stream);
    });
  }
}
