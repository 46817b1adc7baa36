import { relative } from "node:path";
import { oneLine } from "../../support/printable.js";
import { plainLine } from "./cron-times.js";
import { type Emitter, refuseCatchUp, refuseClockChange, refuseSpecials } from "./emitter.js";
import { quotedYaml } from "./yaml-text.js";

export const gitlab: Emitter = {
  emit(input) {
    refuseClockChange(input, "GitLab");
    refuseSpecials(input, "GitLab");
    refuseCatchUp(input, "GitLab");
    const { gameDay, schedule, slug, cwd, times } = input;
    const day = relative(cwd, gameDay.path);
    const name = oneLine(gameDay.data.name).replaceAll('"', "'");
    const text = `# GitLab keeps schedules outside of the repository. Make this one once, for the default branch:
#   glab schedule create --description ${quotedYaml(name)} --ref main --cron "${plainLine(times)}" --cronTimeZone "${schedule.timezone}" --variable "GAMEDAY:${slug}"
faultline-${slug}:
  image: node:20
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule" && $GAMEDAY == "${slug}"
  resource_group: faultline-${slug}
  interruptible: false
  variables:
    GAME_DAY: ${quotedYaml(day.replaceAll("$", () => "$$"))}
  script:
    - npm ci
    - npx faultline schedule --now "$GAME_DAY"
  artifacts:
    when: always
    paths: [reports/]
`;
    return [{ name: `faultline-${slug}.gitlab-ci.yml`, text }];
  },
};
