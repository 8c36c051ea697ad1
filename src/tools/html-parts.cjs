// Pieces that several dialogs and help pages share: `<!-- part: name -->` stands for nodes/editor/parts/name.html, in a
// help page for the piece in its language. The build puts them in, since Node-RED knows no includes.
const { existsSync, readFileSync } = require("node:fs");
const { resolve } = require("node:path");

const parts = resolve(__dirname, "../../nodes/editor/parts");
const mark = /^[ \t]*<!-- part: ([a-z-]+) -->\n/gm;

/**
 * @param {string} html
 * @param {string} file where it stands: a help page's path holds `locales/<language>`
 * @returns {string}
 */
exports.withParts = (html, file) => {
  const language = /[/\\]locales[/\\]([^/\\]+)[/\\]/.exec(file)?.[1] ?? ".";
  return html.replace(mark, (_whole, name) => {
    const part = resolve(parts, language, `${name}.html`);
    if (!existsSync(part)) throw new Error(`${file} names the part ${name}, which is not there`);
    return readFileSync(part, "utf8");
  });
};
