import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Those that take longest, longest first among those that go beside one another. Vitest begins with long files, and a short file may
 * take a minute: the last of them would run alone.
 */
const LONGEST = [
  "cli/gameday",
  "run/checks/completion",
  "run/checks/lost-orders",
  "faults/process/cpu-limit",
  "run/process-faults",
  "run/upstream-death",
  "e2e/kill",
  "e2e/live-page",
  "e2e/tls",
  "e2e/packed",
  "e2e/lost-orders",
  "e2e/login-journey",
  "e2e/scenarios/sqs-queue",
  "e2e/scenarios/kafka-events",
  "e2e/scenarios/rabbitmq-events",
  "e2e/scenarios/mysql-orders",
  "e2e/scenarios/nats-jobs",
  "e2e/scenarios/oauth-login",
  "e2e/scenarios/nginx-gateway",
].map((name) => fileURLToPath(new URL(`../${name}.test.ts`, import.meta.url)));

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((file) => !existsSync(file));
    if (gone.length > 0) throw new Error(`test/helpers/longest-first.ts names ${gone.join(", ")}`);
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(moduleId);
      return at < 0 ? LONGEST.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
