import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests import from src/ for the types and run what ships: worker threads can only be
// started from built files, so `npm test` builds first and src/ is mapped to dist/.
const resolve = {
  alias: [{ find: /^(?:\.\.\/)+src\//, replacement: fileURLToPath(new URL("./dist/", import.meta.url)) }],
};

export default defineConfig({
  resolve,
  test: {
    projects: [
      {
        resolve,
        test: {
          name: "parts",
          globalSetup: ["test/helpers/current-build.mjs", "test/helpers/temporary-folder.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          // What hangs ends by it; on a machine with sixteen other busy processes a test takes ten times as long.
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole runs measure: two at once on a small machine would only measure each other.
        resolve,
        test: {
          name: "whole",
          globalSetup: ["test/helpers/current-build.mjs", "test/helpers/temporary-folder.ts"],
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
