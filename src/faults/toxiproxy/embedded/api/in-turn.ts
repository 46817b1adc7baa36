/**
 * A client may send requests on one connection without waiting for the answers (pipelining). They take effect one after
 * the other. Node hands out the next one while the one before is still being worked on.
 */
export class InTurn {
  readonly #last = new WeakMap<object, Promise<unknown>>();

  /** Does this work when all earlier work for this connection has ended, well or not. */
  run<T>(connection: object, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(connection) ?? Promise.resolve();
    const done = before.then(work);
    this.#last.set(
      connection,
      done.catch(() => {}),
    );
    return done;
  }
}
