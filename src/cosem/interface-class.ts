/**
 * An interface class as one declaration (IEC 62056-6-2): client names, simulated objects, pickers, the docs table and
 * the generic round-trip test derive from it. Attribute 1, logical_name, is added here. Behaviour is elsewhere.
 */
import { type TypeDescriptor, t } from "../axdr/index.js";

export interface AttributeDeclaration {
  readonly id: number;
  readonly type: TypeDescriptor;
  /** First version of the class that has it, 0 when absent. */
  readonly since?: number;
  /** The attribute whose scaler_unit applies to this one's numbers. */
  readonly scaledBy?: number;
  /** Selectors of selective access. */
  readonly selectors?: readonly number[];
}

export interface MethodDeclaration {
  readonly id: number;
  /** Absent: the method takes `integer` 0 by custom. */
  readonly parameter?: TypeDescriptor;
  readonly returns?: TypeDescriptor;
  readonly since?: number;
}

export interface InterfaceClass<
  A extends Readonly<Record<string, AttributeDeclaration>> = Readonly<Record<string, AttributeDeclaration>>,
  M extends Readonly<Record<string, MethodDeclaration>> = Readonly<Record<string, MethodDeclaration>>,
> {
  readonly classId: number;
  /** The newest version known here; older ones lack what `since` says. */
  readonly version: number;
  readonly name: string;
  readonly attributes: A;
  readonly methods: M;
  /** Short-name referencing: octets from the base name to method 1. Absent: no method, or the offset is not settled. */
  readonly methodOffset?: number;
}

const logicalName = { id: 1, type: t.logicalName } as const satisfies AttributeDeclaration;
type WithName<A> = { readonly logicalName: typeof logicalName } & A;

/** Names for a client or an object of the class. */
export type AttributeName<C extends InterfaceClass> = keyof C["attributes"] & string;
export type MethodName<C extends InterfaceClass> = keyof C["methods"] & string;

/** @throws Error when two attributes or two methods share an id: a slip in a declaration. */
export function interfaceClass<
  const A extends Readonly<Record<string, AttributeDeclaration>>,
  const M extends Readonly<Record<string, MethodDeclaration>> = Readonly<Record<never, never>>,
>(declaration: {
  readonly classId: number;
  readonly version: number;
  readonly name: string;
  readonly attributes: A;
  readonly methods?: M;
  readonly methodOffset?: number;
}): InterfaceClass<WithName<A>, M> {
  const { classId, version, name, methodOffset } = declaration;
  const attributes: WithName<A> = { logicalName, ...declaration.attributes };
  const methods = declaration.methods ?? ({} as M);
  expectUnique(name, attributes);
  expectUnique(name, methods);
  const shortNames = methodOffset === undefined ? {} : { methodOffset };
  return { classId, version, name, attributes, methods, ...shortNames };
}

function expectUnique(name: string, members: Readonly<Record<string, { readonly id: number }>>): void {
  const ids = Object.values(members).map((member) => member.id);
  if (new Set(ids).size !== ids.length) throw new Error(`${name}: two members share an id`);
}

export interface NamedAttribute extends AttributeDeclaration {
  readonly name: string;
}
export interface NamedMethod extends MethodDeclaration {
  readonly name: string;
}

/** Attributes in the order of their ids. */
export function attributesOf(declared: InterfaceClass): readonly NamedAttribute[] {
  return inOrder(Object.entries(declared.attributes).map(([name, attribute]) => ({ name, ...attribute })));
}

/** Methods in the order of their ids. */
export function methodsOf(declared: InterfaceClass): readonly NamedMethod[] {
  return inOrder(Object.entries(declared.methods).map(([name, method]) => ({ name, ...method })));
}

function inOrder<T extends { readonly id: number }>(members: T[]): readonly T[] {
  return members.sort((a, b) => a.id - b.id);
}
