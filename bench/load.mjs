// npm run bench -- load [--protocol h2 | grpc] [options]: the load generator beside others, on the same target. The options
// and what is measured stand in bench/load/http1.mjs, bench/load/http2.mjs and bench/load/grpc.mjs.
const at = process.argv.indexOf("--protocol");
const protocol = at < 0 ? "http1" : process.argv[at + 1];
if (protocol === "http1") await import("./load/http1.mjs");
else if (protocol === "h2") await import("./load/http2.mjs");
else if (protocol === "grpc") await import("./load/grpc.mjs");
else {
  process.stderr.write(`there is no protocol "${protocol}" here: http1, h2 or grpc\n`);
  process.exitCode = 2;
}
