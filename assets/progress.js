// What of the exercises is done, as `check` has recorded it in the browser edition.
//
// The record is a file that JupyterLite keeps in this browser. It is read here, never changed and never sent.
// What its lines mean is defined in crmkit/exercise/record.py and progress.py.
"use strict";

(() => {
  const RECORD = "exercises/crmkit-progress.jsonl";
  const STORE = "files";
  // Where Python's str.splitlines ends a line.
  const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
  const SIGNS = { done: "✔", tried: "✘", open: "○" };

  // Gives the database, or null where there is none or the browser forbids to look.
  function databaseOf(lite) {
    return new Promise((resolve) => {
      const request = indexedDB.open(`JupyterLite Storage - ${lite.pathname}`);
      // Asked for in this way only if it is not there; an empty one would be in JupyterLite's way.
      request.addEventListener("upgradeneeded", () => request.transaction.abort());
      request.addEventListener("error", (event) => {
        event.preventDefault();
        resolve(null);
      });
      request.addEventListener("success", () => resolve(request.result));
    });
  }

  function fileIn(database) {
    return new Promise((resolve, reject) => {
      if (!database.objectStoreNames.contains(STORE)) return resolve(undefined);
      const request = database.transaction(STORE).objectStore(STORE).get(RECORD);
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error));
    });
  }

  function textOf(file) {
    if (typeof file?.content !== "string") return null;
    if (file.format !== "base64") return file.content;
    const bytes = Uint8Array.from(atob(file.content), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }

  // Gives the text of the record, or null if there is none.
  async function recordIn(lite) {
    let database = null;
    try {
      database = await databaseOf(lite);
      return database && textOf(await fileIn(database));
    } catch {
      return null;
    } finally {
      database?.close(); // else JupyterLite could not change it
    }
  }

  function outcomesIn(text) {
    const outcomes = new Map();
    for (const line of text.split(LINE_END)) {
      let entry = null;
      try {
        entry = JSON.parse(line);
      } catch {
        continue; // cut off or damaged
      }
      if (typeof entry?.question !== "string" || entry.kind !== "check") continue;
      if (!outcomes.has(entry.question)) outcomes.set(entry.question, new Set());
      outcomes.get(entry.question).add(entry.outcome);
    }
    return outcomes;
  }

  function stateOf(outcomes = new Set()) {
    if (outcomes.has("CORRECT")) return "done";
    return [...outcomes].some((outcome) => outcome !== "NOT_ATTEMPTED") ? "tried" : "open";
  }

  // Says what the first line of `progress()` says.
  function summaryOf(questions) {
    const sum = (some, key) => some.reduce((total, each) => total + each[key], 0);
    const done = questions.filter((each) => each.state === "done");
    const left = questions.filter((each) => each.state !== "done");
    const points = `${sum(done, "points")} of ${sum(questions, "points")} points`;
    const minutes = `about ${sum(left, "minutes")} minutes left`;
    return `${done.length} of ${questions.length} questions · ${points} · ${minutes}`;
  }

  function strip(questions) {
    const whole = document.createElement("span");
    whole.className = "crmkit-strip";
    whole.setAttribute("role", "img");
    whole.setAttribute("aria-label", questions.map((each) => `${each.name}: ${each.state}`).join(", "));
    for (const { name, points, state } of questions) {
      const box = document.createElement("span");
      box.dataset.state = state;
      box.title = `${name}: ${state}`;
      box.textContent = SIGNS[state];
      box.style.flexGrow = points;
      whole.append(box);
    }
    return whole;
  }

  // How progress is shown on an exercise's page, at a stop of the course's map and below that map.
  const FORMS = {
    exercise: (questions) => [strip(questions), summaryOf(questions)],
    stop: (questions) => {
      const picture = strip(questions);
      picture.setAttribute("aria-hidden", "true"); // it is part of a link, whose name must be short
      return [picture, summaryOf(questions).replace(/ · .*/, " done")];
    },
    course: (questions) => [`Done in this browser: ${summaryOf(questions)}.`],
  };

  function show(place, outcomes) {
    const questions = JSON.parse(place.dataset.questions).map(([name, points, minutes]) => {
      return { name, points, minutes, state: stateOf(outcomes.get(name)) };
    });
    place.replaceChildren(...FORMS[place.dataset.form](questions));
    place.hidden = false;
  }

  async function update() {
    const places = [...document.querySelectorAll(".crmkit-progress")];
    if (!places.length) return;
    const lite = new URL(`${places[0].dataset.root}lite/`, document.baseURI);
    const text = await recordIn(lite);
    for (const place of places) {
      if (text === null) place.hidden = true;
      else show(place, outcomesIn(text));
    }
  }

  // Readers come back to the page from the notebook, in the same tab or in another.
  window.addEventListener("pageshow", update);
  document.addEventListener("visibilitychange", () => document.hidden || update());
})();
