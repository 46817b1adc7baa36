import { expect, test } from "vitest";
import { judgeGate } from "../../../src/ledger/gate.js";
import { renderBadge } from "../../../src/report/evidence/badge.js";
import { renderCoveragePage } from "../../../src/report/evidence/coverage-page.js";
import { faultShown, ledgerLine, placed } from "../../helpers/ledger-lines.js";

const items = judgeGate(
  placed([
    ledgerLine({
      faults: [
        faultShown({ name: "slow <cache>" }),
        faultShown({ name: "down", dependencies: ["database"], verdict: "fail", reason: "All failed." }),
      ],
    }),
  ]),
  {
    requirements: null,
    maxAgeMs: null,
    nowMs: Date.parse("2026-03-04T12:00:00.000Z"),
    changesSince: () => [],
  },
);

test("the badge says in words what its colour says, and asks nobody for anything", () => {
  const svg = renderBadge("fail", items);
  expect(svg).toContain('role="img" aria-label="resilience: 1 broken; 1 holds"');
  expect(svg).toContain("<title>resilience: 1 broken; 1 holds</title>");
  expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|href/);
  expect(renderBadge("inconclusive", [])).toContain("resilience: no evidence");
});

test("the page has a row for each dependency, a column for each fault, and says what was never tried", () => {
  const page = renderCoveragePage(items);
  expect(page).toContain('<th scope="col">slow &lt;cache&gt;</th>');
  expect(page).toContain('<th scope="row">database</th>');
  expect(page).toContain('</span> broken</span> <span class="mark muted">3 days ago</span>');
  expect(page.match(/never tried/g)).toHaveLength(2);
  expect(page).toContain("<strong>down on database</strong>: All failed.");
});
