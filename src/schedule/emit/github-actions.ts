import { relative } from "node:path";
import { oneLine } from "../../support/printable.js";
import { plainLine } from "./cron-times.js";
import {
  type Emitter,
  EngineRefusal,
  environmentNames,
  refuseCatchUp,
  refuseClockChange,
  refuseSpecials,
} from "./emitter.js";
import { quotedYaml } from "./yaml-text.js";

/** GitHub starts no workflow more often. */
const LEAST_GAP_MS = 5 * 60_000;
/** A job ends after six hours in any case. */
const TIMEOUT_MIN = 350;

export const githubActions: Emitter = {
  async emit(input) {
    refuseClockChange(input, "GitHub");
    refuseSpecials(input, "GitHub");
    refuseCatchUp(input, "GitHub");
    if (input.leastGapMs < LEAST_GAP_MS) {
      const message = "GitHub starts a workflow every 5 minutes at most";
      throw new EngineRefusal("cron", message, "Write runs that are further apart.");
    }
    const { gameDay, schedule, slug, cwd, times } = input;
    const day = relative(cwd, gameDay.path);
    const secrets = environmentNames(await input.readFiles());
    const text = `name: ${quotedYaml(oneLine(gameDay.data.name))}
on:
  schedule:
    - cron: ${quotedYaml(plainLine(times))}
      timezone: ${quotedYaml(schedule.timezone)}
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: faultline-${slug}
  cancel-in-progress: false
jobs:
  gameday:
    runs-on: ubuntu-latest
    timeout-minutes: ${TIMEOUT_MIN}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 20
      - run: npm ci
      - name: Run the game day
        env:
          GAME_DAY: ${quotedYaml(day)}
${secrets.map((name) => `          ${name}: \${{ secrets.${name} }}\n`).join("")}        run: npx faultline schedule --now "$GAME_DAY"
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: faultline-${slug}
          path: reports/
`;
    return [{ name: `faultline-${slug}.yml`, text }];
  },
};
