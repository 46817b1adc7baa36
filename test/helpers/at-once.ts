import { AsyncLocalStorage } from "node:async_hooks";
import { type TestContext, test, onTestFinished as whenTestFinished } from "vitest";

/** Vitest knows of one current test, so it cannot say which of several at once has called. */
const own = new AsyncLocalStorage<TestContext>();

/** As vitest's, for helpers: right in a test that goes beside others as well. */
export function onTestFinished(done: () => void | Promise<void>): void {
  const context = own.getStore();
  const register = context === undefined ? whenTestFinished : context.onTestFinished;
  register(async () => {
    await done();
  });
}

/**
 * A test that waits for most of its time, as for a run of seconds. It goes beside its neighbours in the file that are made in the
 * same way.
 * For `expect.poll` it takes `expect` from its context.
 */
export function testAtOnce(name: string, body: (context: TestContext) => Promise<void>): void {
  test.concurrent(name, (context) => own.run(context, () => body(context)));
}
