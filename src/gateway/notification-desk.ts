/**
 * What becomes of a notification in the gateway: named where its push list is known or can be read, held until it is
 * known whose it is, told.
 */
import { type Notification } from "../association/index.js";
import { asDlmsError } from "../core/errors.js";
import { type NotificationEvent } from "./events.js";
import { HeldNotifications } from "./held-notifications.js";
import { type NamingLink, PushNaming } from "./push-naming.js";

export interface NotificationDeskHost<Link> {
  tell(event: NotificationEvent): void;
  /** One was dropped, or its push list could not be read. */
  warn(text: string, link: Link): void;
  /** Whether the link is the one of its meter. */
  isMeters(link: Link): boolean;
}

export class NotificationDesk<Link extends NamingLink & { readonly id: string }> {
  readonly #held: HeldNotifications<Link>;
  readonly #naming: PushNaming<Link>;

  constructor(host: NotificationDeskHost<Link>) {
    this.#held = new HeldNotifications<Link>(
      (event) => host.tell(event),
      (link) => host.warn("a notification was dropped: whose it was is not known", link),
    );
    this.#naming = new PushNaming<Link>(
      (link, content, at) => {
        this.#held.hold(link, { linkId: link.id, ...content, at });
        if (host.isMeters(link)) this.#held.release(link, link.serial);
      },
      (link, caught) => host.warn(`a push list was not read: ${asDlmsError(caught).message}`, link),
    );
  }

  /** @param at when it arrived, ISO 8601. */
  take(link: Link, notification: Notification, at: string): void {
    this.#naming.take(link, notification, at);
  }

  /** The link is its meter's from now on. */
  identified(link: Link): void {
    this.#held.release(link, link.serial);
  }

  ended(link: Link): void {
    this.#naming.ended(link);
    if (link.serial === undefined) this.#held.release(link);
    else this.#held.discard(link);
  }
}
