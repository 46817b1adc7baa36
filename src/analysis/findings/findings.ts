/** What happened in one fault, in plain language, most important first. Only what the record supports. */

import { formatSeconds } from "../../support/format.js";
import type { Finding, FindingId } from "../document/report.js";
import { meanLoad } from "../measurement/load-shift.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { reasonText } from "../reasons/reasons.js";
import { loadShiftSentence } from "../wording/load-shift-words.js";
import { alertFindings } from "./alerts.js";
import { answerSampleSentence, mostFrequentSample } from "./answer-sample.js";
import { clusterDeedsTold } from "./deeds/cluster-deeds.js";
import { containersTold } from "./deeds/containers.js";
import { acceptedCertificates, handshakesTold } from "./deeds/handshakes.js";
import { processesTold } from "./deeds/processes.js";
import { degradedAnswers } from "./degraded-answers.js";
import {
  adapted,
  aroundChangeTold,
  hardestHit,
  isToldByFailures,
  kindsOfFailure,
  noClientTimeout,
  onset,
  unsentRequests,
} from "./failure-findings.js";
import { type FaultFacts, type Told, told } from "./finding.js";
import { heldLongerSentence } from "./held-longer.js";
import { idleCloses } from "./idle-closes.js";
import { absorbed, latencyTold, throughputTold } from "./latency-findings.js";
import { littleCrossed } from "./little-crossed.js";
import { firstTryWasWorse, measuredTwice } from "./measured-twice.js";
import { whatServiceDid, whatServiceLacks } from "./service-findings.js";
import { disagreeingSignals } from "./signals.js";
import { slowFailures } from "./slow-failures.js";
import { newStatusesSentence } from "./statuses.js";
import { refusedUpstreams } from "./upstreams.js";

export function faultFindings(facts: FaultFacts): Finding[] {
  // Where no request met the fault, changes are not its doing. Failed requests are worth knowing all the same.
  if (facts.isUnproven) {
    return [
      ...finding("not_proven", untrusted(facts)),
      ...finding("pods", facts.pods),
      ...finding("upstream_died", upstreamDied(facts)),
      ...finding("failures", kindsOfFailure(facts)),
      ...aroundChangeTold(facts).flatMap((each) => finding("around_change", each)),
      ...finding("sample", sample(facts)),
    ];
  }
  const twice = finding("measured_twice", measuredTwice(facts));
  const contradicted = firstTryWasWorse(facts);
  return [
    ...finding("not_proven", untrusted(facts)),
    ...(contradicted ? twice : []),
    ...acceptedCertificates(facts.targets).flatMap((each) => finding("accepted_certificate", each)),
    ...finding("handshakes", handshakesTold(facts.targets)),
    ...finding("processes", processesTold(facts.targets)),
    ...finding("containers", containersTold(facts.targets)),
    ...finding("cluster", clusterDeedsTold(facts.targets)),
    ...finding("pods", facts.pods),
    ...finding("upstream_died", upstreamDied(facts)),
    ...finding("load_differed", loadDiffered(facts)),
    ...besideTheLoad(facts).flatMap((beside) => finding("little_crossed", beside)),
    ...finding("new_status", newStatus(facts)),
    ...finding("failures", kindsOfFailure(facts)),
    ...aroundChangeTold(facts).flatMap((each) => finding("around_change", each)),
    ...finding("degraded", degradedAnswers(facts)),
    ...whatServiceDid(facts),
    ...whatServiceLacks(facts),
    ...disagreeingSignals(facts.fault).flatMap((each) => finding("signal_disagrees", each)),
    ...alertFindings(facts.fault, facts.rows),
    ...finding("idle_closes", closedIdle(facts)),
    ...finding("no_client_timeout", noClientTimeout(facts)),
    ...finding("slow_failures", slowFailures(facts)),
    ...finding("sample", sample(facts)),
    ...finding("machine", machineTold(facts)),
    ...(contradicted ? [] : twice),
    ...finding("held_longer", facts.held ? told(heldLongerSentence(facts.held), { ...facts.held }) : null),
    ...finding("onset", onset(facts)),
    ...finding("hardest_hit", hardestHit(facts)),
    ...finding("latency", latencyTold(facts)),
    ...finding("throughput", throughputTold(facts)),
    ...finding("unsent", unsentRequests(facts)),
    ...finding("adapted", adapted(facts)),
    ...finding("unrecovered", unrecovered(facts)),
    ...finding("absorbed", contradicted ? null : absorbed(facts)),
  ];
}

function finding(id: FindingId, one: Told | null): Finding[] {
  return one === null ? [] : [{ id, ...one }];
}

function untrusted({ untrusted }: FaultFacts): Told | null {
  return untrusted && told(reasonText([untrusted]), untrusted.facts);
}

function machineTold({ machine }: FaultFacts): Told | null {
  if (machine === null) return null;
  const { phase, because } = machine;
  const where = phase === "recovery" ? "In the recovery: " : "";
  return told(`${where}${reasonText([because])}`, { phase, ...because.facts });
}

/** Under the fault, or in the recovery from it. */
function upstreamDied({ fault, recovery }: FaultFacts): Told | null {
  const views = [fault, ...(recovery ? [recovery] : [])];
  const refused = views.flatMap(({ record }) => refusedUpstreams(record));
  return refused.length === 0
    ? null
    : told(reasonText(refused), { upstreams: refused.map(({ facts }) => facts) });
}

function loadDiffered({ shift, load, baseline, fault }: FaultFacts): Told | null {
  if (shift === null) return null;
  const mean = ({ record: { startS, durationS } }: PhaseView) => meanLoad(load, startS, startS + durationS);
  return told(loadShiftSentence(shift), { baseline: baseline && mean(baseline), fault: mean(fault) });
}

/** A system that the fault visibly hurt uses the proxy, however little crosses it. */
function besideTheLoad({ untrusted, comparison, targets, baseline }: FaultFacts): Told[] {
  if (untrusted !== null || comparison.some(({ degraded }) => degraded)) return [];
  return littleCrossed(targets, baseline);
}

function newStatus(facts: FaultFacts): Told | null {
  const sentence = isToldByFailures(facts) ? null : newStatusesSentence(facts.newStatuses);
  const statuses = facts.newStatuses.map(({ status, answers, ok, of }) => ({ status, answers, ok, of }));
  return sentence === null ? null : told(sentence, { statuses });
}

function closedIdle({ fault: { record } }: FaultFacts): Told | null {
  const closed = idleCloses(record.reasons);
  return closed && told(reasonText([closed]), closed.facts);
}

function sample({ fault: { record } }: FaultFacts): Told | null {
  const most = mostFrequentSample(record);
  if (most === null) return null;
  const { request, status, reason, body } = most;
  return told(answerSampleSentence(most), { request, status, reason, body });
}

/** A system that was not seen to recover. A recovery that was seen stands beside the findings, with its time. */
function unrecovered({
  recovery,
  recoveryTiming: { seconds, censored, explanation },
}: FaultFacts): Told | null {
  if (!recovery || seconds === null || !censored) return null;
  return told(
    `Recovery was not seen${seconds > 0 ? ` within ${formatSeconds(seconds)}` : ""}: ${explanation}`,
    { withinS: seconds },
  );
}
