import { expect, test } from "vitest";
import { askedText } from "../../../src/plan/checks/check-in-words.js";

const asked = (command: readonly string[], shell = false) =>
  askedText({ ask: { kind: "command", command, shell, env: {}, cwd: "/" } });

test.each([
  [["psql", "-tA", "-c", "select id from orders"], 'psql -tA -c "select id from orders"'],
  [["sh", "-c", 'echo "$x"'], "sh -c 'echo \"$x\"'"],
  [["echo", "it's", ""], 'echo "it\'s" ""'],
  [["echo", "'$x'"], "echo ''\\''$x'\\'''"],
])("a command is shown as a shell would take it: %j", (command, shown) => {
  expect(asked(command)).toBe(shown);
});

test("a text for a shell is shown as it is", () => {
  expect(asked(['psql -c "select 1" | wc'], true)).toBe('psql -c "select 1" | wc');
});
