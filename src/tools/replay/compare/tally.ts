/** Counts of one file's comparison: what was held against our values, what differed, what could not be held. */
export class Tally {
  compared = 0;
  readonly mismatches: string[] = [];
  readonly notComparable = new Map<string, number>();

  /** Both as text: numbers in decimal, octets in upper-case hex. */
  same(where: string, printed: string | number | boolean, ours: string | number | bigint | boolean): void {
    this.compared++;
    if (String(printed) !== String(ours)) this.differs(where, String(printed), String(ours));
  }

  differs(where: string, printed: string, ours: string): void {
    this.mismatches.push(`${where}: printed ${printed}, decoded ${ours}`);
  }

  skip(reason: string, count = 1): void {
    this.notComparable.set(reason, (this.notComparable.get(reason) ?? 0) + count);
  }
}
