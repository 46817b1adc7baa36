import { VERDICT_WORDS } from "../../report/shown/verdict-words.js";
import type { LiveMessage, LiveStatus } from "../watch/live-model.js";
import { Announcer } from "./announcer.js";
import { renderBudgets } from "./budgets.js";
import { SecondColumns } from "./chart-data.js";
import { byId, element, setText } from "./elements.js";
import { addEvents } from "./events.js";
import { LiveCharts } from "./live-charts.js";
import { headlineOf, renderNow } from "./now.js";
import { renderSignals } from "./signals.js";
import { renderVerdicts } from "./verdicts.js";
import { connectWriting, renderWriting } from "./writing.js";

/** After a bad answer the browser does not reconnect by itself. */
const RETRY_MS = 2_000;

function watchRun(): void {
  const charts = new LiveCharts();
  const announcer = new Announcer();
  let columns = new SecondColumns();
  let last: LiveStatus | null = null;

  const show = ({ seconds, events, status }: LiveMessage, isWhole: boolean) => {
    if (isWhole) {
      columns = new SecondColumns();
      if (last?.run !== status.run) charts.clear();
    }
    last = status;
    for (const second of seconds) columns.append(second);
    document.title = `${headlineOf(status)} – ${status.name}`;
    renderNow(status, columns.last);
    renderBudgets(status);
    renderSignals(status);
    renderVerdicts(status);
    renderWriting(status);
    renderFinished(status);
    addEvents(events, isWhole);
    announcer.hear(status);
    charts.draw(columns, status);
  };
  const isOver = () => last?.isOver === true && last.run > 0;

  const connect = () => {
    const source = new EventSource("events");
    source.addEventListener("open", () => setConnection("on", "live"));
    source.addEventListener("whole", (event) => show(JSON.parse(event.data), true));
    source.addEventListener("tick", (event) => show(JSON.parse(event.data), false));
    source.addEventListener("over", () => {
      source.close();
      setConnection("", "over");
      becomeReport(last);
    });
    source.addEventListener("error", () => {
      if (setConnection("lost", isOver() ? "faultline has ended" : "connection lost, trying again")) {
        announcer.say("Connection lost");
      }
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    });
  };
  connectWriting();
  connect();
}

/** @returns true when the state has changed. */
function setConnection(state: string, text: string): boolean {
  const place = byId("connection", HTMLElement);
  const isChange = place.textContent !== text;
  place.className = `connection ${state}`;
  setText(place, text);
  return isChange;
}

/** The server is about to close. The report needs nothing of it. */
function becomeReport(status: LiveStatus | null): void {
  const path = status?.finished.at(-1)?.path;
  if (path) location.replace(path);
}

/** Shown with several runs: those that are over. */
function renderFinished({ finished }: LiveStatus): void {
  const place = byId("finished", HTMLElement);
  if (place.childElementCount === finished.length) return;
  place.hidden = finished.length === 0;
  place.replaceChildren(
    ...finished.map(({ name, verdict, path }) => {
      const text = `${signOf(verdict)} ${name}: ${verdict} `;
      const link = element(path === null ? "span" : "a", { text });
      if (path !== null) link.setAttribute("href", path);
      // The next run goes on in this window.
      link.setAttribute("target", "_blank");
      return link;
    }),
  );
}

function signOf(verdict: string): string {
  return Object.entries(VERDICT_WORDS).find(([word]) => word === verdict)?.[1].sign ?? "–";
}

watchRun();
