import type { ProcessRow } from "./process-table.js";

/** What is known of a service's processes. */
export interface Belongings {
  /** `start` by pid of processes that were seen to be the service's, the leader among them. */
  readonly known: ReadonlyMap<number, string>;
  /** Numbers of groups and sessions that have been the service's. */
  readonly numbers: ReadonlySet<number>;
  /** They were looked at a moment ago, so none of these numbers can be a stranger's yet. */
  readonly isFresh: boolean;
  /** Whether a process carries the service's marker. */
  readonly isMarked: (pid: number) => boolean;
}

/**
 * The processes of a service among all, and the numbers of the groups and sessions that are its own now.
 * A number alone proves nothing: once a group is empty, the system may give its number to a stranger. So each process
 * must be proven. It is proven when it was seen before (pid and start), when it carries the marker, or when a proven
 * process is its parent.
 * The system does not reuse a number while a process has it as its pid, group or session. So a group or session is the
 * service's while a proven process leads it. It also is when a proven process is in it and it was the service's before.
 * Then all its members are the service's.
 */
export function belonging(
  rows: readonly ProcessRow[],
  { known, numbers, isFresh, isMarked }: Belongings,
): { readonly processes: readonly ProcessRow[]; readonly numbers: ReadonlySet<number> } {
  const own = new Map<number, ProcessRow>();
  const held = new Set<number>();
  const open: ProcessRow[] = [];
  const add = (row: ProcessRow) => {
    if (own.has(row.pid)) return;
    own.set(row.pid, row);
    open.push(row);
  };
  const hold = (number: number | null) => {
    // 0 stands for one of another container.
    if (number === null || number === 0 || held.has(number)) return;
    const members = rows.filter(({ group, session }) => group === number || session === number);
    if (members.length > 0) held.add(number);
    for (const member of members) add(member);
  };
  if (isFresh) for (const number of numbers) hold(number);
  for (const row of rows) {
    if (own.has(row.pid)) continue;
    if (known.get(row.pid) === row.start) add(row);
    else if (isMarked(row.pid)) {
      add(row);
      // It has carried the marker since the service was started, and the service has a session of its own.
      hold(row.group);
      hold(row.session);
    }
  }
  for (let row = open.pop(); row; row = open.pop()) {
    for (const number of [row.group, row.session]) {
      if (number === row.pid || (number !== null && numbers.has(number))) hold(number);
    }
    for (const child of rows) if (child.parent === row.pid) add(child);
  }
  return { processes: [...own.values()], numbers: held };
}
