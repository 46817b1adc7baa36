import type { Socket } from "node:net";
import type { HandshakeCounts } from "../../tls-evidence.js";

/** Counts handshakes while a fault is in place. */
export class HandshakeTally {
  readonly #open = new Set<Handshake>();
  readonly #alerts: Record<string, number> = {};
  #met = 0;
  #alerted = 0;
  #wentOn = 0;
  #notTls = 0;
  #closedWaitsMs: { least: number; most: number } | null = null;

  /** `raw`: the connection below TLS. */
  begin(raw: Socket): Handshake {
    const handshake: Handshake = { raw, beganMs: performance.now(), wentOn: false };
    this.#open.add(handshake);
    raw.once("close", () => this.#end(handshake));
    return handshake;
  }

  sentData(handshake: Handshake): void {
    if (handshake.wentOn) return;
    handshake.wentOn = true;
    this.#wentOn++;
  }

  /** A client sent an alert. It is not known on which connection. */
  alert(name: string): void {
    this.#alerted++;
    this.#alerts[name] = (this.#alerts[name] ?? 0) + 1;
  }

  wasNotTls(): void {
    this.#notTls++;
  }

  /** Ends the connections that a fault keeps hanging. */
  closeAll(): void {
    for (const { raw } of this.#open) raw.destroy();
  }

  counts(): HandshakeCounts {
    const begun = [...this.#open].filter(({ raw }) => raw.bytesRead > 0);
    const open = begun.filter(({ wentOn }) => !wentOn).length;
    const met = Math.max(0, this.#met + begun.length - this.#notTls);
    const closed = Math.max(0, met - this.#alerted - this.#wentOn - open);
    return {
      met,
      alerts: { ...this.#alerts },
      closed,
      wentOn: this.#wentOn,
      open,
      notTls: this.#notTls,
      waitedMs: closed > 0 ? this.#closedWaitsMs : null,
    };
  }

  #end(handshake: Handshake): void {
    this.#open.delete(handshake);
    // A connection without a byte has begun no handshake.
    if (handshake.raw.bytesRead === 0) return;
    this.#met++;
    if (handshake.wentOn) return;
    const waitedMs = Math.round(performance.now() - handshake.beganMs);
    const { least, most } = this.#closedWaitsMs ?? { least: waitedMs, most: waitedMs };
    this.#closedWaitsMs = { least: Math.min(least, waitedMs), most: Math.max(most, waitedMs) };
  }
}

export interface Handshake {
  readonly raw: Socket;
  readonly beganMs: number;
  wentOn: boolean;
}
