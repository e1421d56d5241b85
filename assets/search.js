// The search page: what Sphinx finds, with all words of the query, the place on the page, and its text.
"use strict";

(() => {
  const RUNS = /[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu;
  const AROUND = 120; // characters before the first hit, and after it
  const TERM = "#term-";
  const PART = 30; // for a term of which the query is less than half: below a heading's 15, and above a text's 5

  const NOTHING =
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.";
  const FOUND = "Search finished, found ${resultCount} page(s) matching the search query.";
  Object.assign(Documentation.TRANSLATIONS, {
    [NOTHING]:
      "No page has all of these words. Try fewer of them, another form, or the Chinese term: 弹性 finds what has 价格弹性.",
    [FOUND]: "Results: ${resultCount}",
  });

  // Sphinx would mark each pair of Chinese characters by itself, here and on the page that is opened.
  const parse = Search._parseQuery;
  Search._parseQuery = (query) => {
    const parsed = parse(query);
    const words = (query.toLowerCase().match(RUNS) ?? []).filter((word) => !stopwords.includes(word));
    localStorage.setItem("sphinx_highlight_terms", words.join(" "));
    parsed[3] = new Set(words);
    return parsed;
  };

  // Sphinx is content with part of the words if some of them are short, as Chinese ones are.
  const searchOne = Search.performTermsSearch;
  Search.performTermsSearch = (terms, excluded) => {
    const found = new Map();
    for (const term of terms)
      for (const [page, title, anchor, kind, score, file] of searchOne(new Set([term]), excluded)) {
        const before = found.get(page) ?? { terms: 0, score: 0 };
        const sum = before.score + score;
        found.set(page, { terms: before.terms + 1, score: sum, result: [page, title, anchor, kind, sum, file] });
      }
    return [...found.values()].filter((each) => each.terms === terms.size).map(({ result }) => result);
  };

  // Sphinx lists a term only if the query is half of it at least. A page of which terms are found need not be
  // listed for itself.
  const search = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    const results = search(query, ...rest);
    const asked = query.toLowerCase().trim();
    const { docnames, filenames, titles, indexentries } = Search._index;
    if (asked.length > 1)
      for (const [entry, found] of Object.entries(indexentries))
        if (entry.includes(asked))
          for (const [page, id] of found)
            if (!results.some(([name, , anchor]) => name === docnames[page] && anchor === `#${id}`)) {
              const score = Math.round((PART * asked.length) / entry.length);
              results.push([docnames[page], titles[page], `#${id}`, null, score, filenames[page]]);
            }
    const pages = new Set(results.filter(([, , anchor]) => anchor.startsWith(TERM)).map(([page]) => page));
    return results
      .filter(([page, , anchor]) => anchor || !pages.has(page))
      .sort((one, other) => one[4] - other[4]); // the best comes last
  };

  Search.makeSearchSummary = (html, stems, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const article = page.querySelector('[role="main"] article') ?? page.querySelector('[role="main"]');
    const nothing = document.createDocumentFragment(); // Sphinx adds whatever it is given, and null would stop it
    if (!article) return nothing;
    article.querySelectorAll(".headerlink, script, style, div.math, .katex-mathml").forEach((each) => each.remove());
    const query = new URLSearchParams(location.search).get("q").toLowerCase().trim();
    const wanted = [...new Set([query, ...(query.match(RUNS) ?? []), ...stems])];
    const place = bestPlace(places(article), wanted, anchor);
    return place ? summary(place, wanted) : nothing;
  };

  // What a link can lead to: the sections and the terms of a page, each with its own text alone.
  function places(article) {
    const sections = [...article.querySelectorAll("section[id]")].map((section) => {
      const own = [...section.children].filter((child) => !child.matches("section, h1, h2, h3, h4, h5"));
      return {
        id: section.id,
        title: section.querySelector(":scope > :is(h2, h3, h4, h5)")?.textContent ?? "",
        text: textOf(own.filter((child) => !child.matches(".cell, dl.glossary"))),
        code: textOf(own.filter((child) => child.matches(".cell"))),
      };
    });
    const terms = [...article.querySelectorAll("dl.glossary > dt")].map((term) => ({
      id: term.id,
      title: term.textContent,
      text: textOf([term.nextElementSibling]),
      code: "",
    }));
    return [...sections, ...terms].filter(({ text, code }) => text || code);
  }

  function textOf(elements) {
    return elements
      .map((element) => element.textContent)
      .join(" ")
      .replace(/\\[()]/g, "") // around formulas
      .replace(/\s+/g, " ")
      .trim();
  }

  function bestPlace(all, wanted, anchor) {
    if (anchor) return all.find(({ id }) => `#${id}` === anchor);
    let best, most = -1;
    for (const place of all) {
      const score = 2 * count(`${place.title} ${place.text}`, wanted) + count(place.title + place.code, wanted);
      if (score > most) [best, most] = [place, score];
    }
    return best;
  }

  function count(text, wanted) {
    const lower = text.toLowerCase();
    return wanted.filter((word) => lower.includes(word)).length;
  }

  // As much of a text as fits, from where most of the words are near each other.
  function excerpt({ text, code }, wanted) {
    const shown = count(text, wanted) ? text : `${text} ${code}`.trim();
    let start = 0, most = 0;
    for (const word of wanted)
      for (const { index } of shown.toLowerCase().matchAll(escaped(word))) {
        const from = Math.max(index - AROUND, 0);
        const hits = count(shown.slice(from, from + 2 * AROUND), wanted);
        if (hits > most) [start, most] = [from, hits];
      }
    const words = shown.slice(start, start + 2 * AROUND);
    const [before, after] = [start > 0, start + 2 * AROUND < shown.length];
    return `${before ? words.replace(/^[^\s\u3400-\u9fff]*\s/, "… ") : words}${after ? " …" : ""}`;
  }

  function escaped(word) {
    return new RegExp(word.replace(/[^\p{Letter}\p{Number}\s]/gu, "\\$&"), "gu");
  }

  function summary(place, wanted) {
    const paragraph = document.createElement("p");
    paragraph.className = "context";
    if (place.title) {
      const link = paragraph.appendChild(document.createElement("a"));
      link.textContent = place.title.trim();
      // Only the entry that Sphinx now puts this into knows the page's address.
      queueMicrotask(() => {
        const [page] = paragraph.parentElement.querySelector("a").getAttribute("href").split("#");
        link.href = `${page}#${place.id}`;
      });
      paragraph.append(document.createElement("br"));
    }
    paragraph.append(excerpt(place, wanted));
    return paragraph;
  }
})();
