import type { MetricFamily } from "../metric.js";
import { alert } from "./alert.js";
import { availability } from "./availability.js";
import { completion } from "./completion.js";
import { degraded } from "./degraded.js";
import { attempts, connections } from "./dependency-load.js";
import { detection } from "./detection.js";
import { errorRate } from "./error-rate.js";
import { failed } from "./failed.js";
import { journeyShare } from "./journey.js";
import { max } from "./max.js";
import { quantile } from "./quantile.js";
import { recovery } from "./recovery.js";
import { signal } from "./signal.js";
import { throughput } from "./throughput.js";

/** Everything that an SLO can measure, in the order of messages. */
export const METRICS: readonly MetricFamily[] = [
  availability,
  errorRate,
  degraded,
  quantile,
  max,
  failed,
  journeyShare,
  throughput,
  attempts,
  connections,
  completion,
  signal,
  alert,
  recovery,
  detection,
];
