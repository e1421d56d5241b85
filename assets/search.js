// The search page: what Sphinx finds, with all words of the query, the place on the page, and its text.
"use strict";

(() => {
  const RUNS = /[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu;
  const AROUND = 120; // characters before the first hit, and after it
  const TERM = "#term-";

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
      for (const result of searchOne(new Set([term]), excluded)) {
        const before = found.get(result[0]);
        found.set(result[0], { result, terms: (before?.terms ?? 0) + 1, score: (before?.score ?? 0) + result[4] });
      }
    return [...found.values()]
      .filter((each) => each.terms === terms.size)
      .map(({ result, score }) => result.with(4, score));
  };

  // A page of which terms are found need not be listed for itself.
  const search = Search._performSearch;
  Search._performSearch = (...query) => {
    const results = search(...query);
    const pages = new Set(results.filter((each) => each[2].startsWith(TERM)).map(([page]) => page));
    return results.filter(([page, , anchor]) => anchor || !pages.has(page));
  };

  Search.makeSearchSummary = (html, stems, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const article = page.querySelector('[role="main"] article') ?? page.querySelector('[role="main"]');
    if (!article) return null;
    article.querySelectorAll(".headerlink, script, style, .toctree-wrapper").forEach((each) => each.remove());
    const words = [...new URLSearchParams(location.search).get("q").toLowerCase().matchAll(RUNS)].map(([run]) => run);
    const wanted = [...new Set([...words, ...stems])];
    const place = bestPlace(places(article), wanted, anchor);
    return place ? summary(place, wanted) : null;
  };

  // What a link can lead to: the sections and the terms of a page, each with its own text alone.
  function places(article) {
    const sections = [...article.querySelectorAll("section[id]")].map((section) => ({
      id: section.id,
      title: section.querySelector(":scope > :is(h1, h2, h3, h4, h5)")?.textContent.trim() ?? "",
      text: [...section.children]
        .filter((child) => !child.matches("section, h1, h2, h3, h4, h5, dl.glossary"))
        .map((child) => child.textContent)
        .join(" "),
    }));
    const terms = [...article.querySelectorAll("dl.glossary > dt")].map((term) => ({
      id: term.id,
      title: term.textContent.trim(),
      text: term.nextElementSibling?.textContent ?? "",
    }));
    return [...sections, ...terms];
  }

  function bestPlace(all, wanted, anchor) {
    if (anchor) return all.find((place) => `#${place.id}` === anchor);
    const count = (text) => wanted.filter((word) => text.toLowerCase().includes(word)).length;
    let best, most = -1;
    for (const place of all) {
      const score = count(`${place.title} ${place.text}`) + count(place.title) / 2;
      if (score > most) [best, most] = [place, score];
    }
    return best;
  }

  function summary(place, wanted) {
    const text = place.text.replace(/\s+/g, " ").trim();
    const hits = wanted.map((word) => text.toLowerCase().indexOf(word)).filter((at) => at >= 0);
    const hit = Math.min(...hits, text.length);
    const start = hits.length ? Math.max(hit - AROUND, 0) : 0;
    const paragraph = document.createElement("p");
    paragraph.className = "context";
    const link = document.createElement("a");
    link.textContent = place.title;
    paragraph.append(
      link,
      document.createElement("br"),
      `${start ? "… " : ""}${text.slice(start, start + 2 * AROUND)}${start + 2 * AROUND < text.length ? " …" : ""}`,
    );
    // Only the entry that Sphinx now puts this into knows the page's address.
    queueMicrotask(() => {
      const address = paragraph.parentElement.querySelector("a").getAttribute("href");
      link.href = `${address.split("#")[0]}#${place.id}`;
    });
    return paragraph;
  }
})();
