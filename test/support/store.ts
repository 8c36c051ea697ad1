/** A small object store for a server session in tests: attributes by class, OBIS code and index; methods as functions. */
import { type ActionResponseItem, type DataAccessResult, type GetDataResult } from "../../src/xdlms/index.js";
import {
  type AccessItem,
  type AccessItemResult,
  type ServiceRequest,
  type ServiceResponse,
} from "../../src/association/index.js";
import { type Data } from "../../src/axdr/index.js";
import { formatObis } from "../../src/cosem/obis.js";

export type StoredMethod = (parameters: Data | undefined) => ActionResponseItem;

export class ObjectStore {
  readonly attributes = new Map<string, Data>();
  readonly methods = new Map<string, StoredMethod>();
  /** Attributes that answer with an error. */
  readonly errors = new Map<string, DataAccessResult>();

  put(classId: number, obis: string, attributeId: number, value: Data): void {
    this.attributes.set(`${classId}/${obis}/${attributeId}`, value);
  }

  answer(request: ServiceRequest): ServiceResponse {
    switch (request.type) {
      case "get":
        return { type: "get", results: request.items.map((item) => this.#get(item)) };
      case "set":
        return {
          type: "set",
          results: request.items.map(({ attribute, data }): DataAccessResult => {
            const key = keyOf(attribute.classId, attribute.instanceId, attribute.attributeId);
            const error = this.errors.get(key);
            if (error !== undefined) return error;
            this.attributes.set(key, data);
            return "success";
          }),
        };
      case "action":
        return {
          type: "action",
          results: request.items.map(({ method, parameters }): ActionResponseItem => {
            const run = this.methods.get(keyOf(method.classId, method.instanceId, method.methodId));
            return run === undefined ? { result: "object-undefined" } : run(parameters);
          }),
        };
      case "access":
        return { type: "access", results: request.items.map((item) => this.#access(item)) };
    }
  }

  #access(item: AccessItem): AccessItemResult {
    const { service } = item;
    const { results } = this.answer({ type: service, items: [item] } as ServiceRequest);
    return (
      service === "action"
        ? { service, ...(results[0] as ActionResponseItem) }
        : { service, result: results[0] }
    ) as AccessItemResult;
  }

  #get({ attribute }: Extract<ServiceRequest, { type: "get" }>["items"][number]): GetDataResult {
    const key = keyOf(attribute.classId, attribute.instanceId, attribute.attributeId);
    const error = this.errors.get(key);
    if (error !== undefined) return { type: "data-access-error", error };
    const data = this.attributes.get(key);
    return data === undefined
      ? { type: "data-access-error", error: "object-undefined" }
      : { type: "data", data };
  }
}

function keyOf(classId: number, instanceId: Uint8Array, id: number): string {
  return `${classId}/${formatObis(instanceId)}/${id}`;
}
