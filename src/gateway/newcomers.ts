/**
 * Links that have not proved themselves: without a serial number, or with one and never associated. They are bounded
 * in what they may send before they say who they are, and they go first when the port is full.
 */
export class Newcomers<Link> {
  readonly #maxOctets: number;
  readonly #patienceMs: number;
  /** Without a serial number, the oldest first; with what each has sent. */
  readonly #strangers = new Map<Link, number>();
  /** With a serial number and no association yet, and since when; the oldest first. */
  readonly #unproven = new Map<Link, number>();

  /**
   * @param maxOctets that a link may send before it has shown its serial number.
   * @param patienceMs after which a link that has shown one should have associated.
   */
  constructor(maxOctets: number, patienceMs: number) {
    this.#maxOctets = maxOctets;
    this.#patienceMs = patienceMs;
  }

  get strangers(): number {
    return this.#strangers.size;
  }

  arrived(link: Link): void {
    this.#strangers.set(link, 0);
  }

  /** @returns whether the link has sent more than a stranger may. */
  heard(link: Link, octets: number): boolean {
    const before = this.#strangers.get(link);
    if (before === undefined) return false;
    this.#strangers.set(link, before + octets);
    return before + octets > this.#maxOctets;
  }

  identified(link: Link, now: number): void {
    if (this.#strangers.delete(link)) this.#unproven.set(link, now);
  }

  associated(link: Link): void {
    this.#strangers.delete(link);
    this.#unproven.delete(link);
  }

  ended(link: Link): void {
    this.associated(link);
  }

  /** Who goes first when there is no room: undefined when everybody has a right to stay. */
  leastKnown(now: number): Link | undefined {
    const [stranger] = this.#strangers.keys();
    if (stranger !== undefined) return stranger;
    const [oldest] = this.#unproven;
    return oldest !== undefined && now - oldest[1] >= this.#patienceMs ? oldest[0] : undefined;
  }
}
