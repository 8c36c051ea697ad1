/**
 * A COSEM object store: objects with access rights and handlers, and the answers to GET, SET and ACTION over them,
 * one result per item. Objects hold no state of their own; what they are about is the subject handed to each call,
 * so one store serves any number of meters. What class an object has is its definition's business.
 */
import { data } from "../axdr/build.js";
import { type Data } from "../axdr/data.js";
import { type AssociationInfo } from "../association/session-types.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ActionItem,
  type GetItem,
  type ServiceRequest,
  type ServiceResponse,
  type SetItem,
} from "../association/service.js";
import {
  type ActionResponseItem,
  type ActionResult,
  type DataAccessResult,
  type GetDataResult,
  type Selection,
} from "../xdlms/index.js";

/** What a client may do with an attribute. */
export type Access = "none" | "r" | "w" | "rw";

/** Who asks, and what was agreed with them. */
export type Caller = Pick<
  AssociationInfo,
  "clientSap" | "serverSap" | "mechanism" | "conformance" | "maxSendPdu" | "maxReceivePdu" | "ciphering"
>;

/** The meter, when it acts on its own objects. */
export const itself: Caller = {
  clientSap: 0,
  serverSap: 0,
  mechanism: "none",
  conformance: new Set(),
  maxSendPdu: 0,
  maxReceivePdu: 0,
};

/** One access: the instant (epoch ms), who asks, and where the object stands. */
export interface Call<S> {
  readonly t: number;
  readonly caller: Caller;
  readonly store: ObjectStore<S>;
  readonly selection?: Selection;
}

export interface CosemAttribute<S> {
  readonly id: number;
  readonly access: Access;
  /** Selectors of selective access that `get` understands. */
  readonly selectors?: readonly number[];
  readonly get?: (subject: S, call: Call<S>) => Data | Refusal;
  readonly set?: (subject: S, value: Data, call: Call<S>) => DataAccessResult;
}

export interface CosemMethod<S> {
  readonly id: number;
  readonly invoke: (subject: S, parameter: Data | undefined, call: Call<S>) => ActionResult | MethodResult;
}

/** A method that returns something. */
export interface MethodResult {
  readonly result: ActionResult;
  readonly returned?: Data;
}

export interface CosemObject<S> {
  readonly classId: number;
  readonly version: number;
  /** Six octets. */
  readonly logicalName: Uint8Array;
  readonly attributes: readonly CosemAttribute<S>[];
  readonly methods?: readonly CosemMethod<S>[];
  /** Whether a client of restricted rights sees it. */
  readonly open?: boolean;
  /** For an object that acts by itself. */
  readonly duty?: Duty<S>;
}

/** What an object does without being asked (duties.ts). Times are epoch ms. */
export interface Duty<S> {
  /** When it acts next, later than `t`; undefined while nothing is foreseen. Asked anew after every change. */
  next(subject: S, t: number, store: ObjectStore<S>): number | undefined;
  act(subject: S, t: number, store: ObjectStore<S>): void;
}

/** A getter that cannot answer. */
export class Refusal {
  readonly result: DataAccessResult;

  constructor(result: DataAccessResult) {
    this.result = result;
  }
}

export class ObjectStore<S> {
  readonly #byName = new Map<number, CosemObject<S>[]>();
  readonly #objects: readonly CosemObject<S>[];
  readonly #restricted: (subject: S, caller: Caller) => boolean;
  readonly #hidden: (subject: S) => ReadonlySet<CosemObject<S>>;
  readonly #lists = new Map<boolean, Data>();
  readonly #duties: readonly Duty<S>[];

  /**
   * @param restricted which callers only see the objects marked open, and only read them; by default none.
   * @param hidden objects that were taken out of the association of all callers.
   */
  constructor(
    objects: readonly CosemObject<S>[],
    restricted: (subject: S, caller: Caller) => boolean = () => false,
    hidden: (subject: S) => ReadonlySet<CosemObject<S>> = () => new Set(),
  ) {
    this.#objects = objects;
    this.#restricted = restricted;
    this.#hidden = hidden;
    this.#duties = objects.flatMap(({ duty }) => (duty === undefined ? [] : [duty]));
    for (const object of objects) {
      const key = nameKey(object.logicalName);
      this.#byName.set(key, [...(this.#byName.get(key) ?? []), object]);
    }
  }

  get objects(): readonly CosemObject<S>[] {
    return this.#objects;
  }

  /** What acts by itself. */
  get duties(): readonly Duty<S>[] {
    return this.#duties;
  }

  /** The object of this class and name, whoever may see it. */
  find(classId: number, logicalName: Uint8Array): CosemObject<S> | undefined {
    return this.#byName.get(nameKey(logicalName))?.find((object) => object.classId === classId);
  }

  /** One result per item, in order. */
  answer(subject: S, request: ServiceRequest, t: number, caller: Caller): ServiceResponse {
    const call: Call<S> = { t, caller, store: this };
    switch (request.type) {
      case "get":
        return { type: "get", results: request.items.map((item) => this.#get(subject, item, call)) };
      case "set":
        return { type: "set", results: request.items.map((item) => this.#set(subject, item, call)) };
      case "action":
        return { type: "action", results: request.items.map((item) => this.#action(subject, item, call)) };
      case "access":
        return { type: "access", results: this.#access(subject, request, call) };
    }
  }

  /** In order; behind the first failure nothing is carried out where the client wants it so. */
  #access(
    subject: S,
    { items, breakOnError = false }: Extract<ServiceRequest, { type: "access" }>,
    call: Call<S>,
  ): AccessItemResult[] {
    let broken = false;
    return items.map((item): AccessItemResult => {
      const done = broken ? failed(item) : this.#accessItem(subject, item, call);
      const ok = done.service === "get" ? done.result.type === "data" : done.result === "success";
      broken ||= breakOnError && !ok;
      return done;
    });
  }

  #accessItem(subject: S, item: AccessItem, call: Call<S>): AccessItemResult {
    switch (item.service) {
      case "get":
        return { service: "get", result: this.#get(subject, item, call) };
      case "set":
        return { service: "set", result: this.#set(subject, item, call) };
      case "action":
        return { service: "action", ...this.#action(subject, item, call) };
    }
  }

  /** An attribute's value regardless of rights, as a profile captures it. */
  value(subject: S, object: CosemObject<S>, attributeId: number, t: number, caller: Caller): Data {
    const found = read(subject, object, attributeId, { t, caller, store: this });
    return found instanceof Refusal ? data.null() : found;
  }

  /** Writes an attribute as the meter itself does it, from a script: access rights are for clients. */
  write(
    subject: S,
    classId: number,
    logicalName: Uint8Array,
    id: number,
    value: Data,
    t: number,
  ): DataAccessResult {
    const attribute = this.find(classId, logicalName)?.attributes.find((declared) => declared.id === id);
    if (attribute?.set === undefined) return "read-write-denied";
    return attribute.set(subject, value, { t, caller: itself, store: this });
  }

  /** Calls a method as the meter itself does it. */
  call(
    subject: S,
    classId: number,
    logicalName: Uint8Array,
    id: number,
    parameter: Data,
    t: number,
  ): ActionResult {
    const method = this.find(classId, logicalName)?.methods?.find((declared) => declared.id === id);
    if (method === undefined) return "object-undefined";
    const answer = method.invoke(subject, parameter, { t, caller: itself, store: this });
    return typeof answer === "object" ? answer.result : answer;
  }

  /** object_list of class 15 for this caller: class, version, name and access rights of what it sees. */
  objectList(subject: S, caller: Caller): Data {
    const restricted = this.#restricted(subject, caller);
    const hidden = this.#hidden(subject);
    if (hidden.size > 0) return this.#list(restricted, hidden);
    let list = this.#lists.get(restricted);
    if (list === undefined) {
      list = this.#list(restricted, hidden);
      this.#lists.set(restricted, list);
    }
    return list;
  }

  #list(restricted: boolean, hidden: ReadonlySet<CosemObject<S>>): Data {
    return data.array(
      this.#objects
        .filter((object) => (!restricted || object.open) && !hidden.has(object))
        .map((object) => listElement(object, restricted)),
    );
  }

  #get(subject: S, { attribute, selection }: GetItem, call: Call<S>): GetDataResult {
    const object = this.#visible(subject, attribute.classId, attribute.instanceId, call);
    if (typeof object === "string") return refused(object);
    const declared = object.attributes.find(({ id }) => id === attribute.attributeId);
    if (declared === undefined && attribute.attributeId !== 1) return refused("object-undefined");
    if (declared !== undefined && !declared.access.includes("r")) return refused("read-write-denied");
    if (selection !== undefined && !(declared?.selectors ?? []).includes(selection.selector))
      return refused("scope-of-access-violated");
    const value = read(
      subject,
      object,
      attribute.attributeId,
      selection === undefined ? call : { ...call, selection },
    );
    return value instanceof Refusal ? refused(value.result) : { type: "data", data: value };
  }

  #set(subject: S, item: SetItem, call: Call<S>): DataAccessResult {
    const { attribute } = item;
    const object = this.#visible(subject, attribute.classId, attribute.instanceId, call);
    if (typeof object === "string") return object;
    const declared = object.attributes.find(({ id }) => id === attribute.attributeId);
    if (declared === undefined) return attribute.attributeId === 1 ? "read-write-denied" : "object-undefined";
    if (!declared.access.includes("w") || declared.set === undefined) return "read-write-denied";
    if (this.#restricted(subject, call.caller)) return "read-write-denied";
    if (item.selection !== undefined) return "scope-of-access-violated";
    return declared.set(subject, item.data, call);
  }

  #action(subject: S, { method, parameters }: ActionItem, call: Call<S>): ActionResponseItem {
    const object = this.#visible(subject, method.classId, method.instanceId, call);
    if (typeof object === "string") return { result: object };
    const declared = object.methods?.find(({ id }) => id === method.methodId);
    if (declared === undefined) return { result: "object-undefined" };
    if (this.#restricted(subject, call.caller)) return { result: "read-write-denied" };
    const answer = declared.invoke(subject, parameters, call);
    if (typeof answer !== "object") return { result: answer };
    const { result, returned } = answer;
    return returned === undefined
      ? { result }
      : { result, returnParameters: { type: "data", data: returned } };
  }

  #visible(
    subject: S,
    classId: number,
    logicalName: Uint8Array,
    { caller }: Call<S>,
  ): CosemObject<S> | "object-undefined" | "object-class-inconsistent" {
    const restricted = this.#restricted(subject, caller);
    const hidden = this.#hidden(subject);
    const named = (this.#byName.get(nameKey(logicalName)) ?? []).filter(
      (object) => (!restricted || object.open) && !hidden.has(object),
    );
    if (named.length === 0) return "object-undefined";
    return named.find((object) => object.classId === classId) ?? "object-class-inconsistent";
  }
}

function read<S>(subject: S, object: CosemObject<S>, attributeId: number, call: Call<S>): Data | Refusal {
  const declared = object.attributes.find(({ id }) => id === attributeId);
  if (declared?.get !== undefined) return declared.get(subject, call);
  // Attribute 1 needs no declaration: every object has its name.
  return attributeId === 1 ? data.octetString(object.logicalName) : new Refusal("object-undefined");
}

/** A member of ACCESS that was not carried out. */
function failed({ service }: AccessItem): AccessItemResult {
  return service === "get"
    ? { service, result: refused("other-reason") }
    : { service, result: "other-reason" };
}

function refused(error: DataAccessResult): GetDataResult {
  return { type: "data-access-error", error };
}

/** Six octets fit a JavaScript integer. */
function nameKey(logicalName: Uint8Array): number {
  return logicalName.reduce((key, octet) => key * 256 + octet, 0);
}

const ACCESS_CODES: Readonly<Record<Access, number>> = { none: 0, r: 1, w: 2, rw: 3 };

/** structure{class_id, version, logical_name, access_rights{attributes, methods}} */
function listElement<S>(
  { classId, version, logicalName, attributes, methods = [] }: CosemObject<S>,
  readOnly: boolean,
): Data {
  const rights = [
    ...(attributes.some(({ id }) => id === 1) ? [] : [attributeRight(1, "r", undefined)]),
    ...attributes.map(({ id, access, selectors }) =>
      attributeRight(id, readOnly ? readable(access) : access, selectors),
    ),
  ];
  const calls = methods.map(({ id }) => data.structure([data.integer(id), data.enum(readOnly ? 0 : 1)]));
  return data.structure([
    data.longUnsigned(classId),
    data.unsigned(version),
    data.octetString(logicalName),
    data.structure([data.array(rights), data.array(calls)]),
  ]);
}

function readable(access: Access): Access {
  return access.includes("r") ? "r" : "none";
}

function attributeRight(id: number, access: Access, selectors: readonly number[] | undefined): Data {
  return data.structure([
    data.integer(id),
    data.enum(ACCESS_CODES[access]),
    selectors === undefined ? data.null() : data.array(selectors.map((selector) => data.integer(selector))),
  ]);
}
