// Reads formulas as JSON, [{"tex": …, "display": …}, …], and writes their HTML as JSON, each {"html": …} or
// {"error": …}. The first argument is the folder that has KaTeX.
"use strict";

const katex = require(process.argv[2]);

const set = ({ tex, display }) => {
  try {
    return { html: katex.renderToString(tex, { displayMode: display, strict: "error", trust: false }) };
  } catch (error) {
    return { error: error.message };
  }
};

const formulas = JSON.parse(require("node:fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(formulas.map(set)));
