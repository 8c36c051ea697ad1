/**
 * Names the values of unlabelled pushes. The first of a meter whose list is not known waits until it was read over the
 * association, once for each link; what comes meanwhile waits behind it. Where nothing can be read a push is told
 * as it came. Lists outlive links, by serial number.
 */
import { type Notification } from "../association/index.js";
import { limits } from "../core/limits.js";
import { type MeterLink } from "./meter-link.js";
import { type NotificationContent, readNotification } from "./notifications.js";
import { fittingList, namedSetup, type PushList, readPushList, rowOf, usualPushSetup } from "./push-lists.js";

export type NamingLink = Pick<
  MeterLink,
  "serial" | "meterType" | "isAssociated" | "isEnded" | "client" | "use"
>;

interface Arrived {
  readonly notification: Notification;
  /** ISO 8601 */
  readonly at: string;
}

/** Per link; beyond it the oldest are told as they came. */
const MOST_WAITING = 32;
/** Push setups of one meter. */
const MOST_LISTS = 8;

interface State {
  readonly lists: PushList[];
  readonly asked: Set<string>;
  /** Set while a list is being read. */
  waiting?: Arrived[];
}

export class PushNaming<Link extends NamingLink> {
  readonly #tell: (link: Link, content: NotificationContent, at: string) => void;
  readonly #failed: (link: Link, caught: unknown) => void;
  readonly #links = new Map<Link, State>();
  readonly #bySerial = new Map<string, readonly PushList[]>();

  /** @param failed reading a list did not work. */
  constructor(
    tell: (link: Link, content: NotificationContent, at: string) => void,
    failed: (link: Link, caught: unknown) => void,
  ) {
    this.#tell = tell;
    this.#failed = failed;
  }

  take(link: Link, notification: Notification, at: string): void {
    const arrived = { notification, at };
    const state = this.#links.get(link) ?? { lists: [], asked: new Set() };
    this.#links.set(link, state);
    if (state.waiting !== undefined) {
      state.waiting.push(arrived);
      if (state.waiting.length > MOST_WAITING) this.#read(link, state, state.waiting.shift() as Arrived);
      return;
    }
    const setup = this.#unknownSetup(link, state, notification);
    if (setup === undefined) return this.#read(link, state, arrived);
    state.asked.add(setup);
    state.waiting = [arrived];
    // Behind whatever uses the link now: its identification, as a rule.
    link
      .use(async () => {
        if (!link.isAssociated) return;
        state.lists.push(await readPushList(link.client, setup));
        this.#remember(link, state.lists);
      })
      .catch((caught: unknown) => {
        if (!link.isEnded) this.#failed(link, caught);
      })
      .finally(() => this.#settle(link, state));
  }

  /** What still waits is told as it came. */
  ended(link: Link): void {
    const state = this.#links.get(link);
    if (state !== undefined) this.#settle(link, state);
    this.#links.delete(link);
  }

  /** The push setup whose list may tell what this push is; undefined when that is known, or can't be told any more. */
  #unknownSetup(link: Link, state: State, notification: Notification): string | undefined {
    if (!("body" in notification) || link.isEnded) return undefined;
    const values = rowOf(notification.body);
    if (values === undefined || values.some(({ type }) => type === "structure")) return undefined;
    if (fittingList(values, this.#listsOf(link, state)) !== undefined) return undefined;
    const setup = namedSetup(values) ?? usualPushSetup;
    return state.asked.has(setup) || state.lists.length >= MOST_LISTS ? undefined : setup;
  }

  #settle(link: Link, state: State): void {
    const waiting = state.waiting ?? [];
    delete state.waiting;
    for (const arrived of waiting) this.#read(link, state, arrived);
  }

  #read(link: Link, state: State, { notification, at }: Arrived): void {
    this.#tell(link, readNotification(notification, this.#listsOf(link, state)), at);
  }

  /** Newest first: a list that was read on this link goes before an older one. */
  #listsOf({ serial, meterType }: Link, { lists }: State): readonly PushList[] {
    const known = serial === undefined ? [] : (this.#bySerial.get(serial) ?? []);
    const read = [...lists, ...known.filter((list) => lists.every(({ setup }) => setup !== list.setup))];
    return meterType.pushObjects === undefined ? read : [...read, { objects: meterType.pushObjects }];
  }

  #remember({ serial }: Link, lists: readonly PushList[]): void {
    if (serial === undefined) return;
    this.#bySerial.delete(serial);
    this.#bySerial.set(serial, [...lists]);
    if (this.#bySerial.size <= limits.links) return;
    const [oldest] = this.#bySerial.keys();
    if (oldest !== undefined) this.#bySerial.delete(oldest);
  }
}
