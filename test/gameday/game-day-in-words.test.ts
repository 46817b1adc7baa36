import { expect, test } from "vitest";
import { exemptText } from "../../src/gameday/game-day-in-words.js";

test("exempt faults are announced with reason and owner until their last day is over", () => {
  const exempt = (fault: string, expires: string) => ({
    scenario: "a.yaml",
    fault,
    reason: "no fallback yet",
    owner: "@payments",
    expires,
  });
  const both = [exempt("cut off", "2027-01-31"), exempt("slow", "2027-02-28")];
  expect(exemptText(both, Date.parse("2027-01-31T23:59:59Z"))).toBe(
    'Exempt: "cut off" of a.yaml until 2027-01-31 (no fallback yet, @payments); ' +
      '"slow" of a.yaml until 2027-02-28 (no fallback yet, @payments).',
  );
  expect(exemptText(both, Date.parse("2027-02-01T00:00:00Z"))).toBe(
    'Exempt: "slow" of a.yaml until 2027-02-28 (no fallback yet, @payments).',
  );
  expect(exemptText(both, Date.parse("2027-03-01T00:00:00Z"))).toBe("");
});
