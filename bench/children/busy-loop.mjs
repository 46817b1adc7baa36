// Takes a whole core until its parent is gone. Argument: the parent's pid.
const LOOK_EVERY_MS = 200;

const parent = Number(process.argv[2]);
while (process.ppid === parent) {
  const until = performance.now() + LOOK_EVERY_MS;
  while (performance.now() < until);
}
