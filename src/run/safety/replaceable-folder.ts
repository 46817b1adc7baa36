import { lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { dirname, resolve } from "node:path";

/** Links that lead on to links. The system gives up after 40, too. */
const MAX_LINKS = 40;
const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * Who, besides this user and root, could put another folder in this one's place: anybody who may write to a folder
 * above it. This matters under root as well, for whom no other check would fail. Every folder of the path is looked at,
 * and so is every folder of the path of a link in it. @returns null when nobody can.
 */
export function whyReplaceable(folder: string): string | null {
  const uid = process.getuid?.();
  return uid === undefined ? null : whyNot(resolve(folder), uid, MAX_LINKS);
}

function whyNot(path: string, uid: number, linksLeft: number): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : whyNot(parent, uid, linksLeft);
  if (above !== null) return above;
  const stat = lstatSync(path);
  if (stat.uid !== 0 && stat.uid !== uid && !isUnmapped(stat.uid))
    return `${path} belongs to another user (${stat.uid}), who could put another folder in its place`;
  if (stat.isSymbolicLink()) {
    if (linksLeft === 0) return `${path} leads in a circle`;
    return whyNot(resolve(parent, readlinkSync(path)), uid, linksLeft - 1);
  }
  // In a sticky folder only an entry's owner may rename it.
  return (stat.mode & STICKY) === 0 && othersWrite(stat, uid)
    ? `others may write to ${path}, and put another folder in its place`
    : null;
}

function othersWrite({ mode, gid }: Stats, uid: number): boolean {
  // Many systems give each user a group of their own, with their number, and let it write.
  const isTrustedGroup = gid === 0 || (gid === uid && gid === process.getgid?.());
  return (mode & OTHERS_WRITE) !== 0 || ((mode & GROUP_WRITES) !== 0 && !isTrustedGroup);
}

/** In a container without root's rights, the owners of the host's folders, root among them, show as one number. */
function isUnmapped(uid: number): boolean {
  const read = (path: string) => {
    try {
      return readFileSync(path, "latin1").trim();
    } catch {
      return "";
    }
  };
  // user_namespaces(7): all users there are.
  const allAreMapped = /^0\s+0\s+4294967295$/.test(read("/proc/self/uid_map"));
  return !allAreMapped && read("/proc/sys/kernel/overflowuid") === String(uid);
}
