// A process that opens a safety net, starts one service and waits for its end.
// argv: JSON of { plan, services }. Prints "running" when all is up; ends cleanly on SIGTERM.
import { openSafetyNet } from "../../dist/run/safety/safety-net.js";
import { startServices } from "../../dist/run/services/services.js";

const { plan, entries = [] } = JSON.parse(process.argv[2]);
try {
  const net = await openSafetyNet({
    env: process.env,
    plan,
    drivers: ["toxiproxy"],
    onLost: (reason) => console.log(`lost: ${reason}`),
    onStandstill: (reason) => console.log(`standstill: ${reason}`),
  });
  const services = await startServices(plan.services, {
    runId: net.runId,
    env: process.env,
    secrets: [],
    signal: new AbortController().signal,
    journal: net.journal,
  });
  for (const entry of entries) net.journal.append(entry);
  await net.armed;
  const stay = setInterval(() => {}, 1_000);
  process.once("SIGTERM", async () => {
    clearInterval(stay);
    await services.stop();
    await net.close(true);
  });
  // Gives up, and lives on.
  process.once("SIGUSR2", () => net.close(false));
  console.log(`running ${net.runId}`);
} catch (error) {
  console.log(`${error.code} ${error.message}`);
}
