import { htmlPage } from "../../report/html/html.js";
import { jsonForScript, type Markup, markup, trusted } from "../../report/html/markup.js";
import { chartScript } from "../../report/html/scripts.js";
import { LIVE_STYLES } from "./live-styles.js";

/** In order of use: a module comes after those that it needs. */
const MODULES = [
  "../../support/format.js",
  "../../report/shown/verdict-words.js",
  "../../report/html/page-model.js",
  "../../report/html/browser/palette.js",
  "../../report/html/browser/legend.js",
  "../../report/html/browser/overlays.js",
  "../../report/html/browser/axes.js",
  "../../report/html/browser/time-charts.js",
  "../browser/elements.js",
  "../browser/chart-data.js",
  "../browser/live-charts.js",
  "../browser/now.js",
  "../browser/verdicts.js",
  "../browser/budgets.js",
  "../browser/signals.js",
  "../browser/events.js",
  "../browser/announcer.js",
  "../browser/writing.js",
  "../browser/live.js",
] as const;

let script: string | null = null;

/**
 * The page before anything is known. Its script fills it. `key` comes back with everything that is written on the page.
 */
export function livePageHtml(key: string): string {
  script ??= chartScript(MODULES.map((path) => new URL(path, import.meta.url)));
  const body = markup`
<main class="live">
${HEADER}
${NOW}
${CHARTS}
<div class="columns">
${VERDICTS}
${TIMELINE}
</div>
</main>
${HALT}
<p class="unseen" id="announcements" role="status" aria-live="polite"></p>
<script type="application/json" id="page-key">${jsonForScript(key)}</script>
<script>${trusted(script)}</script>`;
  return htmlPage("Live run", body, { styles: LIVE_STYLES, asksServer: true });
}

const HEADER = markup`
<header class="hero" id="hero">
  <div class="verdict">
    <p class="eyebrow">Live run <span id="connection" class="connection">connecting</span></p>
    <h1 id="name">faultline</h1>
    <p class="headline" id="headline">Starting</p>
    <p class="reason" id="progress"></p>
    <p class="finished" id="finished" hidden></p>
  </div>
  <div class="halting"><button type="button" id="halt" class="danger" disabled>Halt the run…</button></div>
</header>`;

const NOW = markup`
<section aria-labelledby="now-title">
  <h2 id="now-title" class="unseen">Now</h2>
  <dl class="now">
    <div class="wide"><dt>Injected now</dt><dd id="injected">nothing</dd></div>
    <div><dt>Recovery</dt><dd id="recovery">–</dd></div>
    <div><dt>Requests</dt><dd id="rate">–</dd></div>
    <div><dt>Errors</dt><dd id="errors">–</dd></div>
    <div><dt>p99</dt><dd id="p99">–</dd></div>
  </dl>
  <dl id="signals" class="now signals" hidden></dl>
  <div id="budgets" class="budgets" hidden></div>
</section>`;

const CHARTS = markup`
<section id="timeline" aria-labelledby="timeline-title">
  <div class="bar"><h2 id="timeline-title">Second by second</h2>
    <div class="tools"><label for="range">Show</label> <select id="range"><option value="all">whole run</option><option value="300">last 5 minutes</option><option value="60">last minute</option></select></div></div>
  ${chart("chart-throughput", "Throughput by outcome", "requests a second, by when they ended")}
  ${chart("chart-latency", "Latency", "of each second, log scale; failures count as longer than anything")}
  <p class="hint">Shaded: a fault is in place; lighter: until the system was back. The report counts requests by when they were due.</p>
</section>`;

function chart(id: string, title: string, unit: string): Markup {
  return markup`<figure class="chart" id="${id}">
    <figcaption><strong>${title}</strong> <span>${unit}</span></figcaption>
    <div class="legend" role="group" aria-label="${title}: what is shown"></div>
    <div class="canvas" role="img" aria-label="${title}, no answers yet"></div>
  </figure>`;
}

const VERDICTS = markup`
<section aria-labelledby="verdicts-title">
  <h2 id="verdicts-title">Verdicts</h2>
  <ul class="verdicts" id="verdicts"><li class="hint">None is certain yet.</li></ul>
</section>`;

const TIMELINE = markup`
<section aria-labelledby="events-title">
  <h2 id="events-title">Timeline</h2>
  <form id="note" class="note">
    <div><label for="note-by">Your name</label><input id="note-by" maxlength="80" autocomplete="name"></div>
    <div class="grow"><label for="note-text">What did you see?</label><input id="note-text" maxlength="500" required autocomplete="off"></div>
    <button type="submit">Add note</button>
    <p class="refusal" id="note-refusal" role="alert"></p>
  </form>
  <ol class="events" id="events"><li class="hint">Nothing has happened yet.</li></ol>
</section>`;

const HALT = markup`
<dialog id="halt-dialog" aria-labelledby="halt-title">
  <form id="halt-form" method="dialog">
    <h2 id="halt-title">Halt the run?</h2>
    <p>Faults are taken out at once, services are stopped, and the report says who ended the run. Nothing is started until <code>faultline halt --lift</code>.</p>
    <div class="choices"><button type="submit" id="halt-now" class="danger">Halt now</button> <button type="button" id="halt-not">Go on</button></div>
    <div><label for="halt-by">Your name</label><input id="halt-by" maxlength="80" autocomplete="name"></div>
    <div><label for="halt-why">Why</label><input id="halt-why" maxlength="500" autocomplete="off"></div>
    <p class="refusal" id="halt-refusal" role="alert"></p>
  </form>
</dialog>`;
