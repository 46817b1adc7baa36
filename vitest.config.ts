import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/helpers/longest-first.js";
import { mockingTests, quickTests } from "./test/helpers/test-kinds.js";

// Tests import from src/ for the types and run what ships: worker threads can only be
// started from built files, so `npm test` builds first and src/ is mapped to dist/.
const resolve = {
  alias: [{ find: /^(?:\.\.\/)+src\//, replacement: fileURLToPath(new URL("./dist/", import.meta.url)) }],
};

const globalSetup = ["test/helpers/current-build.mjs", "test/helpers/temporary-folder.ts"];
/** They measure. Each waits for most of its time: two at once use three quarters of one CPU. */
const MEASURING = [
  "test/e2e/{dependency-load,failing-payments,priority,quickstart,standstill}.test.ts",
  "test/e2e/scenarios/{pools,prometheus-signals}.test.ts",
  "test/run/incident-replay.test.ts",
  "test/load/{liars-bench,{grpc,http2,websocket}/liars-bench,session,time-to-failure,truth}.test.ts",
];
/** They take all CPU time that there is: others beside them would be late. */
const HEAVY = [
  "test/load/distributed/{crowd,cut-links}.test.ts",
  "test/load/distributed/absent/absent-shares.test.ts",
];
/** Whole runs, whose verdicts a busy machine does not change. */
const WHOLE = ["test/e2e/*.test.ts"];
/** Shipped scenarios whose SLOs or findings are on how long answers take: servers that take seconds of CPU to start spoil them. */
const PROMPT_SCENARIOS = [
  "test/e2e/scenarios/{nginx-gateway,oauth-login,python-service,redis-cache,service-chain}.test.ts",
];
/** Shipped scenarios that count what was lost or doubled. They wait for most of their time, and their loads are small. */
const SCENARIOS = ["test/e2e/scenarios/*.test.ts"];
const MOCKING = mockingTests();
const QUICK = quickTests().filter((file) => !MOCKING.includes(file));
/** Of a file that has `testAtOnce`: more of them would wait for a CPU, not for their runs. */
const AT_ONCE = 2;
/** Vitest starts no test at all where projects of one group differ in how many of their files go at once. */
const TOGETHER = { maxWorkers: 3, sequence: { groupOrder: 0 } };

export default defineConfig({
  resolve,
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // `npm run test:quick`: no sockets, no programs.
        resolve,
        test: {
          name: "quick",
          // Modules are loaded once for all of them.
          isolate: false,
          globalSetup,
          include: QUICK,
          testTimeout: 120_000,
          ...TOGETHER,
        },
      },
      {
        resolve,
        test: {
          name: "parts",
          // Modules are loaded once for all files of a worker: each would take half a second for them.
          isolate: false,
          globalSetup,
          include: ["test/**/*.test.ts"],
          exclude: [...MEASURING, ...HEAVY, ...WHOLE, ...SCENARIOS, ...QUICK, ...MOCKING],
          // What hangs ends by it; on a machine with sixteen other busy processes a test takes ten times as long.
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxConcurrency: AT_ONCE,
          ...TOGETHER,
        },
      },
      {
        resolve,
        test: {
          name: "mocking",
          globalSetup,
          include: MOCKING,
          testTimeout: 120_000,
          ...TOGETHER,
        },
      },
      {
        resolve,
        test: {
          name: "measuring",
          globalSetup,
          include: MEASURING,
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        test: {
          name: "heavy",
          globalSetup,
          include: HEAVY,
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
      {
        resolve,
        test: {
          name: "whole",
          globalSetup,
          include: WHOLE,
          exclude: MEASURING,
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxConcurrency: AT_ONCE,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve,
        test: {
          name: "prompt",
          globalSetup,
          include: PROMPT_SCENARIOS,
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        resolve,
        test: {
          name: "scenarios",
          globalSetup,
          include: SCENARIOS,
          exclude: [...MEASURING, ...PROMPT_SCENARIOS],
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
