import type { RunEvent } from "../measure/record.js";
import type { LiveNumbers, PhaseStart, RunInProgress } from "../measure/run-in-progress.js";
import { htmlReporter } from "../report/html/html.js";
import type { ReportedRun, Reporter, ReportInput } from "../report/reporter.js";
import { messageOf } from "../support/errors.js";
import type { PageAddress } from "./listen-address.js";
import { livePageHtml } from "./page/live-html.js";
import { Broadcast } from "./server/broadcast.js";
import { LiveServer } from "./server/live-server.js";
import type { FinishedRunLink, LiveMessage, PageRequest } from "./watch/live-model.js";
import { RunFeed } from "./watch/run-feed.js";

const TICK_MS = 1_000;
/** At its end the command waits this long for pages that fetch the report. */
const LAST_LOOK_MS = 2_000;
/** Runs that are over and still on the page. Earlier ones are only in their folders. */
const MOST_REPORTS = 10;
/** A run with more notes did not get them from people. */
const MOST_NOTES = 500;

export interface LivePageOptions {
  readonly address: PageAddress;
  /** Ends the run in an orderly way, and lets nothing follow it. @throws FaultlineError STATE_UNUSABLE. */
  readonly halt: (by: string, reason: string | null) => void;
  /** Tells the run and its game day. @throws FaultlineError STATE_UNUSABLE. */
  readonly note: (by: string, text: string) => void;
}

/** A page that shows runs while they go on, to everybody who opens it. All runs of a command line share it. */
export class LivePage implements Reporter {
  readonly name = "ui";
  readonly #hearers: Pick<LivePageOptions, "halt" | "note">;
  readonly #broadcast = new Broadcast();
  readonly #reports: (string | null)[] = [];
  readonly #finished: FinishedRunLink[] = [];
  #server: LiveServer | null = null;
  #feed = new RunFeed(0, "");
  #notes = 0;
  #isHalted = false;
  #ticks: NodeJS.Timeout | null = null;

  private constructor(hearers: Pick<LivePageOptions, "halt" | "note">) {
    this.#hearers = hearers;
  }

  /** @throws FaultlineError USAGE when it cannot listen on the address. */
  static async open({ address, ...hearers }: LivePageOptions): Promise<LivePage> {
    const page = new LivePage(hearers);
    page.#server = await LiveServer.open(address, {
      page: livePageHtml,
      missed: (lastEventId) => page.#broadcast.missed(lastEventId, () => page.#feed.whole(page.#finished)),
      report: (number) => page.#reports[number - 1] ?? null,
      note: (request, from) => page.#note(request, from),
      halt: (request, from) => page.#haltBy(request, from),
    });
    page.#ticks = setInterval(() => page.#tick(), TICK_MS);
    page.#ticks.unref();
    return page;
  }

  /** The URL to open in a browser. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  get watchers(): { readonly count: number; readonly dropped: number } {
    const { count = 0, dropped = 0 } = this.#server?.watchers ?? {};
    return { count, dropped };
  }

  start({ name }: ReportedRun): void {
    this.#feed = new RunFeed(this.#reports.length + 1, name);
    this.#notes = 0;
    this.#server?.watchers.send(this.#broadcast.begin(this.#feed.next(this.#finished)));
  }

  begun(inProgress: RunInProgress): void {
    this.#feed.begun(inProgress);
  }

  status(text: string): void {
    this.#feed.status(text);
  }

  phase(phase: PhaseStart): void {
    this.#feed.phase(phase);
  }

  live(numbers: LiveNumbers): void {
    this.#feed.live(numbers);
  }

  event(event: RunEvent): void {
    this.#feed.event(event);
  }

  /** The run's report takes the place of the page. */
  end(result: ReportInput | null, { name }: ReportedRun): void {
    this.#feed.over();
    this.#reports.push(result === null ? null : String(htmlReporter.render(result)));
    const old = this.#reports.length - MOST_REPORTS;
    const [forgotten] = old > 0 ? this.#finished.slice(old - 1, old) : [];
    if (forgotten) {
      this.#reports[old - 1] = null;
      this.#finished[old - 1] = { ...forgotten, path: null };
    }
    this.#finished.push({
      name,
      verdict: result?.report.verdict ?? "could not begin",
      path: result === null ? null : `report/${this.#reports.length}`,
    });
    this.#tick();
  }

  /** Resolves when all watchers have the last report, and soon in any case. */
  async close(): Promise<void> {
    if (this.#ticks !== null) clearInterval(this.#ticks);
    await this.#server?.close(Buffer.from("event: over\ndata: {}\n\n"), LAST_LOOK_MS);
  }

  #tick(): void {
    const message: LiveMessage = this.#feed.next(this.#finished);
    const watchers = this.#server?.watchers;
    if (!watchers || watchers.count === 0) this.#broadcast.skip();
    else {
      this.#feed.askSignals();
      watchers.send(this.#broadcast.tick(message));
    }
  }

  #note({ by, text }: PageRequest, from: string): string | null {
    if (this.#feed.inProgress === null) return "no run goes on";
    if (text === "") return "the note is empty";
    if (this.#notes >= MOST_NOTES) return `a run takes ${MOST_NOTES} notes`;
    this.#notes += 1;
    return whyRefused(() => this.#hearers.note(by || somebodyAt(from), text));
  }

  #haltBy({ by, text }: PageRequest, from: string): string | null {
    if (this.#isHalted) return "it is being halted";
    if (this.#feed.inProgress === null) return "no run goes on";
    const who = `${by || somebodyAt(from)}, on the live page`;
    const refusal = whyRefused(() => this.#hearers.halt(who, text === "" ? null : text));
    if (refusal !== null) return refusal;
    this.#isHalted = true;
    this.#feed.halted(`halted by ${who}${text === "" ? "" : `: ${text}`}`);
    this.#tick();
    return null;
  }
}

function somebodyAt(address: string): string {
  return `somebody at ${address}`;
}

function whyRefused(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
