/**
 * A session seen through promises: associate, release, one request each. Every promise settles, for the session ends
 * every request with a response or a failure, and a closed connection fails the rest.
 */
import {
  type AssociationInfo,
  type Notification,
  type ServiceRequest,
  type ServiceResponse,
  type SessionEvent,
  type SessionIntent,
} from "../association/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Port } from "../core/machine.js";

interface Waiting<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: DlmsError) => void;
}

function waiting<T>(): Waiting<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: DlmsError) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

export class Connection {
  readonly #port: Port<SessionIntent, SessionEvent>;
  readonly #unsubscribe: () => void;
  readonly #requests = new Map<number, Waiting<ServiceResponse>>();
  readonly #notificationListeners = new Set<(notification: Notification) => void>();
  readonly #closeListeners = new Set<(error?: DlmsError) => void>();
  #lastId = 0;
  #associating: Waiting<AssociationInfo> | undefined;
  #releasing: Waiting<void> | undefined;
  #association: AssociationInfo | undefined;
  #closed = false;

  /** @param association what was agreed before this object was made, for a session that is associated already. */
  constructor(port: Port<SessionIntent, SessionEvent>, association?: AssociationInfo) {
    this.#port = port;
    this.#association = association;
    this.#unsubscribe = port.subscribe((event) => this.#event(event));
  }

  get association(): AssociationInfo | undefined {
    return this.#association;
  }

  associate(): Promise<AssociationInfo> {
    if (this.#association !== undefined) return Promise.resolve(this.#association);
    if (this.#associating !== undefined) return this.#associating.promise;
    const entry = (this.#associating = waiting<AssociationInfo>());
    this.#send({ type: "associate" }, (error) => {
      this.#associating = undefined;
      entry.reject(error);
    });
    return entry.promise;
  }

  /** Never fails: a connection that is gone is released too. */
  release(): Promise<void> {
    if (this.#releasing !== undefined) return this.#releasing.promise;
    const entry = (this.#releasing = waiting<void>());
    this.#send({ type: "release" }, () => this.#released());
    return entry.promise;
  }

  request<T extends ServiceRequest["type"]>(
    request: Extract<ServiceRequest, { type: T }>,
    timeoutMs?: number,
  ): Promise<Extract<ServiceResponse, { type: T }>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const entry = waiting<ServiceResponse>();
    this.#requests.set(id, entry);
    const intent = {
      type: "request",
      id,
      request,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    } as const;
    this.#send(intent, (error) => this.#settle(id)?.reject(error));
    return entry.promise as Promise<Extract<ServiceResponse, { type: T }>>;
  }

  onNotification(listener: (notification: Notification) => void): () => void {
    this.#notificationListeners.add(listener);
    return () => void this.#notificationListeners.delete(listener);
  }

  onClosed(listener: (error?: DlmsError) => void): () => void {
    this.#closeListeners.add(listener);
    return () => void this.#closeListeners.delete(listener);
  }

  /** Ends everything at once, without a word to the meter. */
  close(): void {
    if (this.#closed) return;
    // The session answers with `closed`, which settles what is open.
    this.#send({ type: "abort" }, (error) => this.#lost(error));
    this.#closed = true;
    this.#unsubscribe();
  }

  #send(intent: SessionIntent, failed: (error: DlmsError) => void): void {
    try {
      if (this.#closed) throw new DlmsError("NOT_CONNECTED");
      this.#port.send(intent);
    } catch (caught) {
      failed(asDlmsError(caught));
    }
  }

  #settle(id: number): Waiting<ServiceResponse> | undefined {
    const entry = this.#requests.get(id);
    this.#requests.delete(id);
    return entry;
  }

  #event(event: SessionEvent): void {
    switch (event.type) {
      case "associated":
        this.#association = event.info;
        this.#associating?.resolve(event.info);
        this.#associating = undefined;
        return;
      case "response":
        return this.#settle(event.id)?.resolve(event.response);
      case "failed":
        if (event.id !== undefined) return this.#settle(event.id)?.reject(event.error);
        this.#associating?.reject(event.error);
        this.#associating = undefined;
        return;
      case "notification":
        for (const listener of this.#notificationListeners) listener(event.notification);
        return;
      case "released":
        return this.#released();
      case "closed":
        return this.#lost(event.error);
      // The outside answers the three needs (transport/outside.ts); the others do not concern a client.
      case "needCounters":
      case "needKeys":
      case "needRandom":
      case "indication":
      case "notification-confirmed":
      case "noise":
        return;
    }
  }

  #released(): void {
    this.#association = undefined;
    this.#releasing?.resolve();
    this.#releasing = undefined;
  }

  #lost(error?: DlmsError): void {
    this.#released();
    const lost = error ?? new DlmsError("LINK_LOST");
    this.#associating?.reject(lost);
    this.#associating = undefined;
    for (const [id] of this.#requests) this.#settle(id)?.reject(lost);
    for (const listener of this.#closeListeners) listener(error);
  }
}
