import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { whyReplaceable } from "../../../src/run/safety/replaceable-folder.js";
import { openStateFolder } from "../../../src/run/safety/state-folder.js";

const STRANGER = 65_500;

/** PARENT/state, and its parent, in a folder of this user's. */
function folders() {
  const top = mkdtempSync(join(tmpdir(), "faultline-replaceable-"));
  const parent = join(top, "parent");
  const state = join(parent, "state");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  return { top, parent, state };
}

test("a folder below folders of this user and of root is as good as theirs", () => {
  const { state } = folders();
  expect(whyReplaceable(state)).toBeNull();
  // The system's temporary folder is sticky.
  expect(whyReplaceable(tmpdir())).toBeNull();
});

test.each([0o777, 0o757])(
  "a parent of mode %o, which others may write to, is not, unless it is sticky",
  (mode) => {
    const { parent, state } = folders();
    chmodSync(parent, mode);
    expect(whyReplaceable(state)).toBe(`others may write to ${parent}, and put another folder in its place`);
    chmodSync(parent, mode | 0o1000);
    expect(whyReplaceable(state)).toBeNull();
  },
);

test("the folders that a link leads through count as well, be the link ever so high up", () => {
  const { top, parent, state } = folders();
  const link = join(top, "link");
  symlinkSync("parent", link);
  expect(whyReplaceable(join(link, "state"))).toBeNull();
  chmodSync(parent, 0o777);
  expect(whyReplaceable(join(link, "state"))).toContain(`others may write to ${parent}`);
  chmodSync(parent, 0o700);
  symlinkSync(join(state, "b"), join(state, "a"));
  symlinkSync(join(state, "a"), join(state, "b"));
  expect(whyReplaceable(join(state, "a"))).toContain("leads in a circle");
});

test("a run is refused before anything is journaled there", () => {
  const { parent, state } = folders();
  chmodSync(parent, 0o777);
  expect(() => openStateFolder({ FAULTLINE_STATE_DIR: state })).toThrow(/others may write to .*parent/);
  expect(() => openStateFolder({ XDG_STATE_HOME: parent })).toThrow(/others may write to .*parent/);
});

describe.runIf(process.getuid?.() === 0)("under root", () => {
  test("a parent of another user is refused, whatever its mode", () => {
    const { parent, state } = folders();
    chownSync(parent, STRANGER, STRANGER);
    expect(whyReplaceable(state)).toContain(`${parent} belongs to another user (${STRANGER})`);
    expect(() => openStateFolder({ FAULTLINE_STATE_DIR: state })).toThrow(/belongs to another user/);
  });

  test("a group may write to a parent only when it is root's", () => {
    const { parent, state } = folders();
    chmodSync(parent, 0o770);
    expect(whyReplaceable(state)).toBeNull();
    chownSync(parent, 0, STRANGER);
    expect(whyReplaceable(state)).toContain("others may write to");
  });

  test("a link of another user is refused, also one in a sticky folder", () => {
    const { top, parent, state } = folders();
    chmodSync(top, 0o1777);
    const link = join(top, "link");
    symlinkSync(parent, link);
    lchownSync(link, STRANGER, STRANGER);
    expect(whyReplaceable(join(link, "state"))).toContain(`${link} belongs to another user`);
    expect(whyReplaceable(state)).toBeNull();
  });
});
