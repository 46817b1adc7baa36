import { EXIT } from "../support/errors.js";
import type { RegisterCommand } from "./command.js";

const EXAMPLES = `
Examples:
  faultline telemetry dashboard > faultline.json   import it in Grafana: Dashboards, New, Import
  faultline telemetry rules > faultline.rules.yml  put it under rule_files: of Prometheus
`;

export const registerTelemetry: RegisterCommand = (program, io, done) => {
  const telemetry = program
    .command("telemetry")
    .summary("print a dashboard and alert rules for what `telemetry:` sends")
    .description(
      "Prints files for those who get telemetry of runs: a dashboard of Grafana, alert rules of Prometheus.",
    )
    .addHelpText("after", EXAMPLES);
  telemetry
    .command("dashboard")
    .description("a dashboard of Grafana, in JSON, for runs in Prometheus")
    .action(async () => {
      const { dashboard } = await import("../telemetry/for-prometheus/dashboard.js");
      io.stdout.write(`${JSON.stringify(dashboard(), null, 2)}\n`);
      done(EXIT.ok);
    });
  telemetry
    .command("rules")
    .description("alert rules of Prometheus: a run that did not pass, a scenario that has not run for a week")
    .action(async () => {
      const { ALERT_RULES } = await import("../telemetry/for-prometheus/alert-rules.js");
      io.stdout.write(ALERT_RULES);
      done(EXIT.ok);
    });
};
