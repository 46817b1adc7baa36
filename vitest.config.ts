import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests import from src/ for the types and run what ships: worker threads can only be
// started from built files, so `npm test` builds first and src/ is mapped to dist/.
export default defineConfig({
  resolve: {
    alias: [{ find: /^(?:\.\.\/)+src\//, replacement: fileURLToPath(new URL("./dist/", import.meta.url)) }],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    maxWorkers: 2,
  },
});
