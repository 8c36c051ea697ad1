/**
 * What docs/classes.md says the classes were checked against: the recordings are scanned and the worked examples
 * decoded, and both must give exactly what is claimed.
 */
import assert from "node:assert/strict";
import { dataCodec } from "../../src/axdr/index.js";
import { decodeAll } from "../../src/bytes/codec.js";
import { fromHex } from "../../src/bytes/hex.js";
import { attributeById, classById } from "../../src/cosem/classes/index.js";
import { methodsOf } from "../../src/cosem/interface-class.js";
import {
  type Members,
  type WorkedExample,
  exampleMembers,
  recordedMembers as claimedRecorded,
  recordedUndeclared,
  workedExamples,
} from "../../src/tools/class-evidence.js";
import { classNotes } from "../../src/tools/class-notes.js";
import { classesPage } from "../../src/tools/docs-classes.js";
import { decodeApdu } from "../../src/xdlms/index.js";
import { byNumbers, recordedMembers } from "./recorded-members.js";

function listed(claims: Readonly<Record<number, Members>>): readonly string[] {
  return Object.entries(claims)
    .flatMap(([classId, { attributes = [], methods = [] }]) => [
      ...attributes.map((id) => `${classId} attribute ${id}`),
      ...methods.map((id) => `${classId} method ${id}`),
    ])
    .sort(byNumbers);
}

/** The member that an example exercises, once its value or parameter fits the declared type. */
function exercised(example: WorkedExample): string {
  if ("value" in example) {
    const { classId, attribute, value } = example;
    const reason = attributeById(classId, attribute)?.type.check(decodeAll(dataCodec, fromHex(value)));
    assert.equal(reason, undefined);
    return `${classId} attribute ${attribute}`;
  }
  const apdu = decodeApdu(fromHex(example.request));
  if (apdu.type === "action-request" && apdu.request.type === "normal") {
    const { method, parameters } = apdu.request;
    const declared = classById(method.classId);
    const found = declared && methodsOf(declared).find(({ id }) => id === method.methodId);
    assert.ok(found?.parameter && parameters);
    assert.equal(found.parameter.check(parameters), undefined);
    return `${method.classId} method ${method.methodId}`;
  }
  assert.ok(apdu.type === "get-request" || apdu.type === "set-request");
  assert.ok(apdu.request.type === "normal");
  const { attribute, selection } = apdu.request;
  const found = attributeById(attribute.classId, attribute.attributeId);
  assert.ok(found);
  if (selection !== undefined) assert.ok(found.selectors?.includes(selection.selector));
  if ("data" in apdu.request) assert.equal(found.type.check(apdu.request.data), undefined);
  return `${attribute.classId} attribute ${attribute.attributeId}`;
}

describe("what the interface classes were checked against", () => {
  it("is in the recordings, no more and no less, and no recorded value contradicts a declaration", () => {
    const { members, misfits } = recordedMembers();
    assert.deepEqual(misfits, []);
    const declared = members.filter((member) => member.includes(" "));
    assert.deepEqual(declared, listed(claimedRecorded));
    assert.deepEqual(
      members.filter((member) => !member.includes(" ")),
      recordedUndeclared.map(String),
    );
  });

  it("is in the worked examples, no more and no less", () => {
    const found = new Set(workedExamples.map(exercised));
    assert.deepEqual([...found].sort(byNumbers), listed(exampleMembers));
  });

  it("is told with notes about declared classes only", () => {
    for (const { classId, subject } of classNotes) assert.ok(classById(classId), subject);
  });

  it("is in docs/classes.md as it stands", () => {
    assert.ok(classesPage.isCurrent(), "run `npm run docs:classes`");
  });
});
