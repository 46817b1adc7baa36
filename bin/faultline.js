#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`faultline needs Node.js 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(2);
}
if (process.platform === "win32") {
  process.stderr.write("faultline needs Linux or macOS; on Windows, run it in WSL.\n");
  process.exit(2);
}
const { runAsProcess } = await import("../dist/command-line/main.js").catch((error) => {
  // Left to Node it would be exit code 1, which says that an SLO was broken.
  const lacksFiles = error?.code === "EMFILE" || error?.code === "ENFILE";
  const hint = lacksFiles
    ? "faultline needs some 200 file descriptors: raise `ulimit -n`."
    : "Install it again. In a clone, `npm ci && npm run build` builds it.";
  process.stderr.write(`error: faultline could not be loaded: ${error?.message ?? error}\nhint: ${hint}\n`);
  process.exit(4);
});
await runAsProcess();
