/** Makes an input smaller that still fails: leaves out halves, then quarters, then single parts of every list of it. */

/** A shorter text is one of a few words, or stands for something. */
const WORD = 40;

/** @param fails whether a smaller input still shows the same. */
export async function shrink(
  input: unknown,
  attempts: number,
  fails: (input: unknown) => Promise<boolean>,
): Promise<unknown> {
  let smallest = input;
  let left = attempts;
  for (let progress = true; progress && left > 0;) {
    progress = false;
    for (const smaller of smallerOnes(smallest)) {
      if (left-- <= 0) break;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      progress = true;
      break;
    }
  }
  return smallest;
}

function* smallerOnes(value: unknown): Generator {
  if (value instanceof Uint8Array) {
    for (const [from, to] of cuts(value.length))
      yield Uint8Array.from([...value.subarray(0, from), ...value.subarray(to)]);
  } else if (typeof value === "string" && value.length > WORD) {
    for (const [from, to] of cuts(value.length)) yield value.slice(0, from) + value.slice(to);
  } else if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    for (const [from, to] of cuts(list.length)) yield [...list.slice(0, from), ...list.slice(to)];
    for (const [i, element] of list.entries())
      for (const smaller of smallerOnes(element)) yield [...list.slice(0, i), smaller, ...list.slice(i + 1)];
  } else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    for (const [name, member] of Object.entries(value))
      for (const smaller of smallerOnes(member)) yield { ...value, [name]: smaller };
  }
}

/** What may be left out of so many: halves, quarters, and so on down to single ones, as far as that stays little. */
function* cuts(length: number): Generator<[number, number]> {
  for (let size = Math.ceil(length / 2); size >= 1; size = Math.floor(size / 2)) {
    if (length / size > 64) return;
    for (let from = 0; from < length; from += size) yield [from, Math.min(length, from + size)];
  }
}
