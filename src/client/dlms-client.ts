/**
 * A DLMS client over one session: GET, SET and ACTION as promises, and on top of them readings with unit and scaler,
 * profiles and the object list. One request is under way at a time; more wait. One client per session.
 */
import {
  type ActionItem,
  type AssociationInfo,
  type GetItem,
  type Notification,
  type SessionEvent,
  type SessionIntent,
  type SetItem,
} from "../association/index.js";
import { type Data, dataCodec } from "../axdr/index.js";
import { encodeAll } from "../bytes/codec.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Port } from "../core/machine.js";
import { type ObjectListEntry } from "../cosem/object-list.js";
import { type ActionResponseItem, type GetDataResult, type Selection } from "../xdlms/index.js";
import { type Attributes, type GetRef } from "./attributes.js";
import {
  type ClockOptions,
  type ClockReading,
  type ClockSetting,
  readClock,
  setClock,
  type SetClockOptions,
} from "./clock.js";
import { Connection } from "./connection.js";
import { type ImageTransfer, type ImageTransferOptions, transferImage } from "./image-transfer.js";
import { requestActions, requestGets, requestSets } from "./item-requests.js";
import { type ListForm, runInLists } from "./lists.js";
import {
  attributeDescriptor,
  type AttributeRef,
  describeTarget,
  methodDescriptor,
  type MethodRef,
} from "./object-ref.js";
import { ProfileReader, type ProfileRequest, type ProfileRows } from "./profile.js";
import { Reader, type ReaderOptions } from "./reader.js";
import { type Reading, type ReadItem } from "./reading.js";
import { Scalers } from "./scalers.js";
import { serviceError } from "./service-errors.js";

export interface DlmsClientOptions extends ReaderOptions {
  /** What was agreed, for a session that was associated before this client was made. */
  readonly association?: AssociationInfo;
  /** Most items in one list request. Default 16. */
  readonly itemsPerList?: number;
}

export interface SetRef extends GetRef {
  readonly data: Data;
}
export interface ActionRef extends MethodRef {
  readonly parameters?: Data;
}

export class DlmsClient implements Attributes {
  readonly #connection: Connection;
  readonly #itemsPerList: number;
  readonly #reader: Reader;
  readonly #profiles: ProfileReader;

  constructor(port: Port<SessionIntent, SessionEvent>, options: DlmsClientOptions = {}) {
    this.#connection = new Connection(port, options.association);
    this.#itemsPerList = options.itemsPerList ?? 16;
    const scalers = new Scalers();
    this.#profiles = new ProfileReader(this, scalers);
    this.#reader = new Reader(this, this.#profiles, scalers, options);
  }

  /** What was agreed; undefined while there is no association. */
  get association(): AssociationInfo | undefined {
    return this.#connection.association;
  }

  /** Opens the link and the association; at once when there is one already. @throws DlmsError */
  associate(): Promise<AssociationInfo> {
    return this.#connection.associate();
  }

  /** Ends association and link in order. Never fails. */
  release(): Promise<void> {
    return this.#connection.release();
  }

  /** One attribute. @throws DlmsError ACCESS_DENIED, OBJECT_UNDEFINED, …: the meter's answer; RESPONSE_TIMEOUT, … */
  async get(attribute: AttributeRef, selection?: Selection): Promise<Data> {
    const item = getItem(selection === undefined ? attribute : { ...attribute, selection });
    const { results } = await this.#connection.request<"get">({ type: "get", items: [item] });
    return unwrap(getValue(results[0] as GetDataResult, item));
  }

  /** Several attributes; an item that fails gives its error and spoils no other. Lists are used where negotiated. */
  async getMany(attributes: readonly GetRef[]): Promise<(Data | DlmsError)[]> {
    const items = attributes.map((attribute) => attempt(() => getItem(attribute)));
    return this.#run(items, true, async (some, form) => {
      const results = await requestGets(this.#connection, some, form);
      return results.map((result, i) => getValue(result, some[i] as GetItem));
    });
  }

  /** @throws DlmsError ACCESS_DENIED, TYPE_UNMATCHED, …: the meter's answer; RESPONSE_TIMEOUT, … */
  async set(attribute: AttributeRef, data: Data, selection?: Selection): Promise<void> {
    const [outcome] = await this.setMany([
      { ...attribute, data, ...(selection === undefined ? {} : { selection }) },
    ]);
    if (outcome !== undefined) throw outcome;
  }

  /** In order; undefined for what was set. Nothing is sent twice. */
  async setMany(attributes: readonly SetRef[]): Promise<(DlmsError | undefined)[]> {
    const items = attributes.map((ref) =>
      attempt((): SetItem => ({ ...getItem(ref), data: encodable(ref.data) })),
    );
    const outcomes = await this.#run(items, false, async (some, form) => {
      const results = await requestSets(this.#connection, some, form);
      return results.map((result, i) =>
        result === "success" ? null : serviceError(result, describeTarget((some[i] as SetItem).attribute)),
      );
    });
    return outcomes.map((outcome) => outcome ?? undefined);
  }

  /** One method; its return value, when there is one. @throws DlmsError the meter's answer; RESPONSE_TIMEOUT, … */
  async action(method: MethodRef, parameters?: Data): Promise<Data | undefined> {
    const [outcome] = await this.actionMany([
      { ...method, ...(parameters === undefined ? {} : { parameters }) },
    ]);
    return unwrap(outcome);
  }

  /** In order. Nothing is sent twice. */
  async actionMany(methods: readonly ActionRef[]): Promise<(Data | undefined | DlmsError)[]> {
    const items = methods.map((ref) =>
      attempt((): ActionItem => ({
        method: methodDescriptor(ref),
        ...(ref.parameters === undefined ? {} : { parameters: encodable(ref.parameters) }),
      })),
    );
    return this.#run(items, false, async (some, form) => {
      const results = await requestActions(this.#connection, some, form);
      return results.map((result, i) => actionValue(result, some[i] as ActionItem));
    });
  }

  /** One reading. @throws DlmsError what is wrong with it. */
  async read(item: ReadItem): Promise<Reading> {
    return this.#reader.readOne(item);
  }

  /** Readings in the order of the items; what failed carries its own `error`. Never throws. */
  readMany(items: readonly ReadItem[]): Promise<Reading[]> {
    return this.#reader.readMany(items);
  }

  /** Attribute 2 of the current association: every object the meter shows this client. @throws DlmsError */
  readObjectList(): Promise<readonly ObjectListEntry[]> {
    return this.#reader.readObjectList();
  }

  /** Rows of a profile generic (class 7). @throws DlmsError */
  readProfile(request: ProfileRequest): Promise<ProfileRows> {
    return this.#profiles.read(request);
  }

  /** The meter's clock, and how far it is off. @throws DlmsError */
  compareClock(options: ClockOptions): Promise<ClockReading> {
    return readClock(this, options);
  }

  /** Sets the meter's clock in its own style and reads it back. @throws DlmsError */
  setClock(options: SetClockOptions): Promise<ClockSetting> {
    return setClock(this, options);
  }

  /** Sends new firmware by image transfer (class 18). @throws DlmsError */
  transferImage(options: ImageTransferOptions): Promise<ImageTransfer> {
    return transferImage(this, options);
  }

  /** @returns the function that ends the subscription. */
  onNotification(listener: (notification: Notification) => void): () => void {
    return this.#connection.onNotification(listener);
  }

  /** The link ended without a release of ours. */
  onClosed(listener: (error?: DlmsError) => void): () => void {
    return this.#connection.onClosed(listener);
  }

  /** Ends everything at once, without a word to the meter. */
  close(): void {
    this.#connection.close();
  }

  /** Runs items one by one or in lists, as the association allows; errors stand at their item's place. */
  async #run<Item extends GetItem | SetItem | ActionItem, Value>(
    items: readonly (Item | DlmsError)[],
    repeatable: boolean,
    request: (items: readonly Item[], form: ListForm) => Promise<readonly (Value | DlmsError)[]>,
  ): Promise<(Value | DlmsError)[]> {
    const good = items.filter((item): item is Item => !(item instanceof DlmsError));
    const outcomes = await runInLists(good, {
      association: this.association,
      itemsPerList: this.#itemsPerList,
      repeatable,
      request,
    });
    let next = 0;
    return items.map((item) => (item instanceof DlmsError ? item : (outcomes[next++] as Value | DlmsError)));
  }
}

function attempt<T>(make: () => T): T | DlmsError {
  try {
    return make();
  } catch (caught) {
    return asDlmsError(caught);
  }
}

function unwrap<T>(outcome: T | DlmsError): T {
  if (outcome instanceof DlmsError) throw outcome;
  return outcome;
}

/** Encodes the selection once, so that a bad one fails here and not among others. */
function getItem(ref: GetRef): GetItem {
  const attribute = attributeDescriptor(ref);
  if (ref.selection !== undefined) encodeAll(dataCodec, ref.selection.parameters);
  return ref.selection === undefined ? { attribute } : { attribute, selection: ref.selection };
}

/** @throws DlmsError FIELD_INVALID */
function encodable(data: Data): Data {
  encodeAll(dataCodec, data);
  return data;
}

function getValue(result: GetDataResult, { attribute }: GetItem): Data | DlmsError {
  return result.type === "data" ? result.data : serviceError(result.error, describeTarget(attribute));
}

/** A good result with an error in place of the return value is a failure all the same. */
function actionValue({ result, returnParameters }: ActionResponseItem, { method }: ActionItem) {
  if (result !== "success") return serviceError(result, describeTarget(method));
  if (returnParameters === undefined) return undefined;
  if (returnParameters.type === "data") return returnParameters.data;
  const { error } = returnParameters;
  return error === "success" ? undefined : serviceError(error, describeTarget(method));
}
