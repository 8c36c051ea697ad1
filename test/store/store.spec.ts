/**
 * The contract on every store: the embedded one with this run's engine, and the volatile one.
 */
import { join } from "node:path";
import { storeContract } from "./contract.js";
import { builtStore, engine, removeFolders, temporaryFolder, type BuiltStore } from "./support.js";

describe("store", () => {
  let openStore: BuiltStore["openStore"];
  before(async function () {
    this.timeout(60_000);
    ({ openStore } = await builtStore());
  });
  after(removeFolders);

  describe(`in a file, ${engine}`, () => {
    storeContract({
      durable: true,
      open: (limits) => openStore(join(temporaryFolder(), "gateway.db"), { engine, limits }),
    });
  });

  describe("in memory", () => {
    storeContract({
      durable: false,
      open: (limits) => openStore(join(temporaryFolder(), "gateway.db"), { engine, limits, volatile: true }),
    });
  });
});
