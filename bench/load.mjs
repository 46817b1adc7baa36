// npm run bench -- load [--protocol h2] [options]: the load generator beside others, on the same target. The options and
// what is measured stand in bench/load/http1.mjs and bench/load/http2.mjs.
const at = process.argv.indexOf("--protocol");
const protocol = at < 0 ? "http1" : process.argv[at + 1];
if (protocol === "http1") await import("./load/http1.mjs");
else if (protocol === "h2") await import("./load/http2.mjs");
else {
  process.stderr.write(`there is no protocol "${protocol}" here: http1 or h2\n`);
  process.exitCode = 2;
}
