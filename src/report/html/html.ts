import type { Report } from "../../analysis/document/report.js";
import { oneLine } from "../escape.js";
import type { FileReporter } from "../reporter.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { renderChartSections } from "./chart-sections.js";
import { htmlChecks } from "./checks.js";
import { renderDetails } from "./details.js";
import { renderFaultCards, renderGlance } from "./fault-cards.js";
import { renderHeader } from "./header.js";
import { jsonForScript, type Markup, markup, trusted } from "./markup.js";
import { pageData } from "./page-data.js";
import { pageScript, uplotStyles } from "./scripts.js";
import { STYLES } from "./styles.js";

/** report.html: the whole story in one file that loads nothing else. */
export const htmlReporter: FileReporter = {
  name: "html",
  fileName: "report.html",
  mime: "text/html",
  purpose: "one page with charts, for people; opens offline",
  render: ({ report, record }) => {
    const data = pageData(report, record);
    const body = markup`
<main>
${renderHeader(report)}
${htmlChecks(report)}${renderGlance(report)}
${renderChartSections(report, data)}
${renderFaultCards(report)}
${renderDetails(report)}
</main>
<script type="application/json" id="page-data">${jsonForScript(data)}</script>
<script>${trusted(pageScript())}</script>`;
    return htmlPage(titleOf(report), body);
  },
};

function titleOf(report: Report): string {
  return `${VERDICT_WORDS[report.verdict].word}: ${oneLine(report.scenario.name)}`;
}

/** What a page has beyond a report's page. */
export interface PageExtras {
  readonly styles?: string;
  /** The page may send requests to the server that it came from, and to no other. */
  readonly asksServer?: boolean;
}

/** A whole page around `body`. Its policy forbids every request, so nothing outside the file is loaded. */
export function htmlPage(title: string, body: Markup, { styles = "", asksServer }: PageExtras = {}): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;${asksServer ? " connect-src 'self';" : ""} base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – faultline</title>
<link rel="icon" href="data:,">
<style>${trusted(uplotStyles())}${trusted(STYLES)}${trusted(styles)}</style>
</head>
<body>${body}
</body>
</html>
`.text;
}
