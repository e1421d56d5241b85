// Has Pyodide itself run recompile.py on its packages and its standard library.
// Arguments: the folder of Pyodide, the folder to write into, recompile.py; by standard input, the list of
// packages and, for each archive, the folder in which the browser will have its content.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [source, target, script] = process.argv.slice(2);
const { list, archives } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(join(source, "pyodide.mjs")));
const pyodide = await loadPyodide({ indexURL: source, lockFileContents: list });
for (const [mount, root] of [["/source", source], ["/target", target]]) {
  pyodide.FS.mkdir(mount);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, mount);
}
pyodide.runPython(readFileSync(script, "utf8"));
const recompile = pyodide.globals.get("recompile");
for (const [name, prefix] of Object.entries(archives)) {
  recompile(`/source/${name}`, `/target/${name}`, prefix);
}
