/** How a field gets its value, and that a variable which is not set is named instead of used as text. */
import assert from "node:assert/strict";
import { DlmsError } from "../../src/index.js";
import { resolveInteger, resolveText, resolveUrl } from "../../nodes/shared/fields.js";

const nothing = (): undefined => undefined;
const port = { field: "port", variable: "DLMS_PORT", fallback: "4000", min: 1, max: 65_535 };

function refusal(run: () => unknown): DlmsError {
  try {
    run();
  } catch (caught) {
    assert.ok(caught instanceof DlmsError);
    return caught;
  }
  return assert.fail("nothing was refused");
}

describe("node fields", () => {
  it("own value, then environment, then default", () => {
    const environment = (name: string): string | undefined => (name === "DLMS_PORT" ? "4100" : undefined);
    assert.equal(resolveInteger("4200", port, environment), 4200);
    assert.equal(resolveInteger("", port, environment), 4100);
    assert.equal(resolveInteger("  ", port, environment), 4100);
    assert.equal(resolveInteger(undefined, port, nothing), 4000);
    assert.equal(resolveInteger(4300, port, nothing), 4300);
  });

  it("an empty environment variable counts as unset", () => {
    assert.equal(
      resolveText("", { field: "host", variable: "GATEWAY_HOST", fallback: "0.0.0.0" }, () => ""),
      "0.0.0.0",
    );
  });

  it("a variable that Node-RED left as text is named, with its field", () => {
    for (const [field, run] of [
      ["port", () => resolveInteger("${METER_PORT}", port, nothing)],
      ["host", () => resolveText("${METER_HOST}", { field: "host" }, nothing)],
      ["url", () => resolveUrl("http://${BACKEND}:5000", { field: "url" }, nothing)],
      ["host", () => resolveText("", { field: "host", variable: "GATEWAY_HOST" }, () => "${INNER}")],
    ] as const) {
      const error = refusal(run);
      assert.equal(error.code, "NOT_CONFIGURED");
      assert.equal(error.field, field);
      assert.match(
        error.message,
        new RegExp(`^${field} names the environment variable [A-Z_]+, which is not set`),
      );
    }
  });

  it("numbers out of range, cut short or not whole are refused", () => {
    for (const own of ["0", "65536", "4000.5", "4e3", "0x10", "-1", "99999999999999999999"]) {
      assert.equal(refusal(() => resolveInteger(own, port, nothing)).field, "port", own);
    }
    assert.equal(resolveInteger(" 4000 ", port, nothing), 4000);
    assert.equal(refusal(() => resolveInteger({}, port, nothing)).field, "port");
  });

  it("addresses lose their trailing slash and must be http", () => {
    assert.equal(
      resolveUrl("http://hes.example:5000/", { field: "url" }, nothing),
      "http://hes.example:5000",
    );
    for (const own of ["hes.example:5000", "ftp://hes.example", "http://", "http:// x"]) {
      assert.equal(refusal(() => resolveUrl(own, { field: "url" }, nothing)).code, "NOT_CONFIGURED", own);
    }
  });
});
