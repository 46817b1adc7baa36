/** Rules of Prometheus about runs, for `rule_files:`. They hold for what `remoteWrite` sends and for faultline.prom. */
export const ALERT_RULES = `# Alerts on runs of faultline. Put the file under rule_files: of Prometheus.
groups:
  - name: faultline
    rules:
      # The last run of a scenario broke an SLO, or decided nothing.
      - alert: FaultlineRunDidNotPass
        expr: last_over_time(faultline_run_passed[1d]) == 0
        labels: { severity: warning }
        annotations:
          summary: 'The last run of "{{ $labels.scenario }}" did not pass.'
      # Resilience that nobody has tried for a week is a guess.
      - alert: FaultlineRunIsOld
        expr: time() - max by (scenario) (last_over_time(faultline_run_timestamp_seconds[30d])) > 7 * 86400
        labels: { severity: info }
        annotations:
          summary: '"{{ $labels.scenario }}" has not run for {{ $value | humanizeDuration }}.'
`;
