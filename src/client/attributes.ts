/** What readings, profiles and scalers need of a client: attributes by the dozen, and what was agreed. */
import { type AssociationInfo } from "../association/index.js";
import { type Data } from "../axdr/index.js";
import { type DlmsError } from "../core/errors.js";
import { type Selection } from "../xdlms/index.js";
import { type AttributeRef } from "./object-ref.js";

export interface GetRef extends AttributeRef {
  readonly selection?: Selection;
}

export interface Attributes {
  readonly association?: AssociationInfo | undefined;
  get(attribute: AttributeRef, selection?: Selection): Promise<Data>;
  /** One outcome per attribute, in order. Never throws. */
  getMany(attributes: readonly GetRef[]): Promise<(Data | DlmsError)[]>;
}
