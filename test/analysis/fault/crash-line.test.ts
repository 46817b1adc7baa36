import { expect, test } from "vitest";
import { crashLine } from "../../../src/analysis/fault/crash-line.js";

test.each([
  [
    "the error after the source line that threw it",
    `/app/pool.js:12
    this.reject(new Error("pool is gone"));
                ^

Error: connect ECONNREFUSED 127.0.0.1:6379
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
  errno: -111,
  [cause]: Error: inner
}

Node.js v20.20.2`,
    "Error: connect ECONNREFUSED 127.0.0.1:6379",
  ],
  [
    "an error with a code",
    "node:internal/process:1\n      triggerUncaughtException(err, true);\n      ^\n\nAggregateError [ECONNREFUSED]: \n    at x (y:1:2)",
    "AggregateError [ECONNREFUSED]:",
  ],
  [
    "the end of a Python traceback",
    `Traceback (most recent call last):
  File "/app/main.py", line 7, in <module>
    raise ConnectionError("cache: error")
redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.`,
    "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.",
  ],
  [
    "the panic of a Go program",
    "2026/03/01 cache error, going on\npanic: runtime error: invalid memory address\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:9 +0x1d",
    "panic: runtime error: invalid memory address",
  ],
  [
    "the root cause of a Java exception",
    'Exception in thread "main" java.lang.IllegalStateException: no pool\n\tat a.B.c(B.java:1)\nCaused by: java.net.ConnectException: Connection refused\n\t... 3 more',
    "Caused by: java.net.ConnectException: Connection refused",
  ],
  [
    "what a server logs as fatal, not its last line",
    "1:M * Ready to accept connections\n1:M # Fatal error loading the DB: unknown. Exiting.\n1:M * bye bye",
    "1:M # Fatal error loading the DB: unknown. Exiting.",
  ],
  [
    "the message of a log line in JSON",
    '{"level":30,"msg":"listening"}\n{"level":60,"time":1,"msg":"lost the database"}\n{"level":30,"msg":"closing"}',
    "fatal: lost the database",
  ],
])("quotes %s", (_, output, line) => {
  expect(crashLine(output)).toBe(line);
});

test("quotes nothing where no line says that something went wrong: the last one is harmless", () => {
  expect(crashLine("1:M * Ready to accept connections tcp\n1:M * DB saved on disk\n")).toBeNull();
  expect(crashLine("")).toBeNull();
});

test("a long line is cut", () => {
  expect(crashLine(`Error: ${"x".repeat(500)}`)).toMatch(/^Error: x+…$/);
});
