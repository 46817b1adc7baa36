import type { Settings, Toxic, ToxicLine, ToxicType } from "../stream/toxic.js";

type Attribute = "timeout";

/** Swallows all data. Ends the stream when none came for `timeout` ms; 0 never ends it. */
class Timeout implements Toxic {
  #hasSwallowed = false;

  constructor(private readonly settings: Settings<Attribute>) {}

  start(line: ToxicLine): void {
    if (this.settings.timeout <= 0) return;
    line.alarm(this.settings.timeout, () => {
      line.acted();
      line.close();
    });
  }

  take(_swallowed: unknown, line: ToxicLine): void {
    this.#hasSwallowed = true;
    line.acted();
    this.start(line);
  }

  /** As when it is removed, but only when it has done something. */
  spared(line: ToxicLine): void {
    if (this.#hasSwallowed) line.close();
  }

  /** Bytes are missing from the stream by now. What came after them would make no sense to the receiver. */
  removed(line: ToxicLine): void {
    line.close();
  }
}

export const timeoutToxic: ToxicType<Attribute> = {
  type: "timeout",
  attributes: ["timeout"],
  create: (settings) => new Timeout(settings),
};
