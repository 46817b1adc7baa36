import { fieldsOf } from "../due/cron-line.js";

/** A cron line as numbers, so that no engine has to understand words, steps and ranges as croner does. */
export interface CronTimes {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** null: any. When days and weekdays are both given, either of them is enough. */
  readonly days: readonly number[] | null;
  readonly months: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | null;
  /** A field that is more than a set of numbers (L, W, #, +). Its set is null. null: there is no such field. */
  readonly special: string | null;
  readonly dayField: string;
  readonly weekdayField: string;
}

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** For a line that is valid. */
export function cronTimes(line: string): CronTimes {
  const plain = NICKNAMES[line.trim().toLowerCase()] ?? line;
  const [minute = "*", hour = "*", dayField = "*", month = "*", weekdayField = "*"] = fieldsOf(plain);
  const fields = [minute, hour, dayField, month, weekdayField];
  const days = numbers(dayField, 1, 31, []);
  const weekdays = numbers(weekdayField, 0, 7, WEEKDAYS);
  const week = weekdays && [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b);
  // "Any day of the month, or Monday" is any day.
  const isAnyDay =
    isStar(dayField) || isStar(weekdayField) ? false : days?.length === 31 || week?.length === 7;
  return {
    minutes: numbers(minute, 0, 59, []) ?? [],
    hours: numbers(hour, 0, 23, []) ?? [],
    days: isAnyDay || isStar(dayField) ? null : days,
    months: isStar(month) ? null : numbers(month, 1, 12, MONTHS, 1),
    weekdays: isAnyDay || isStar(weekdayField) || week?.length === 7 ? null : week,
    special: fields.find(isSpecial) ?? null,
    dayField,
    weekdayField,
  };
}

/** Five fields of numbers. */
export function plainLine({ minutes, hours, days, months, weekdays }: CronTimes): string {
  return [
    minutes.length === 60 ? "*" : rangesText(minutes),
    hours.length === 24 ? "*" : rangesText(hours),
    days === null ? "*" : rangesText(days),
    months === null ? "*" : rangesText(months),
    weekdays === null ? "*" : rangesText(weekdays),
  ].join(" ");
}

/** "1-5,7": ranges keep lines short. */
export function rangesText(values: readonly number[], rangeSign = "-", pad = 0): string {
  const shown = (value: number) => String(value).padStart(pad, "0");
  const parts: string[] = [];
  for (let at = 0; at < values.length; at += 1) {
    const first = values[at] ?? 0;
    let last = first;
    while (values[at + 1] === last + 1) {
      at += 1;
      last += 1;
    }
    if (last === first) parts.push(shown(first));
    else if (last === first + 1) parts.push(shown(first), shown(last));
    else parts.push(`${shown(first)}${rangeSign}${shown(last)}`);
  }
  return parts.join(",");
}

const isStar = (field: string) => field === "*" || field === "?";

function isSpecial(field: string): boolean {
  const signs = field.toUpperCase().replaceAll(/JUL|WED/g, "");
  return /[LW#+]/.test(signs);
}

/** @returns null when it is no set of numbers. */
function numbers(
  field: string,
  least: number,
  most: number,
  words: readonly string[],
  firstWord = 0,
): readonly number[] | null {
  if (isSpecial(field)) return null;
  const numberOf = (text: string) => {
    const word = words.indexOf(text.toUpperCase());
    return word < 0 ? Number(text) : word + firstWord;
  };
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [from = "", to = from] = range.split("-");
    const first = isStar(range) ? least : numberOf(from);
    const wanted = isStar(range) ? most : numberOf(to);
    // SAT-SUN ends at 7, which is Sunday, too.
    const last = wanted < first && wanted === 0 && most === 7 ? 7 : wanted;
    for (let value = first; value <= last; value += Number(step)) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}
