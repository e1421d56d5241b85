// Names for what scrolls sideways: the theme lets the keyboard reach code, outputs and tables that are wider than
// the page, and here they get a role and a name, so that a screen reader tells why the focus stopped there. The theme
// knows nothing of formulas, so the keyboard is led to wide ones here.
"use strict";

(() => {
  const FORMULA = ".katex-display";
  const SCROLLERS = `pre, .cell_output > .output, .pst-scrollable-table-container, ${FORMULA}`;

  const kindOf = (element) => {
    if (element.matches(FORMULA)) return "Formula";
    if (element.querySelector("table")) return "Table";
    return element.closest(".cell_output") ? "Output" : "Code";
  };

  // A group, not a region: a page with thirty landmarks would have none.
  function name(element) {
    if (!element.matches(SCROLLERS)) return;
    if (element.tabIndex === 0) {
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", `${kindOf(element)}, scrolls sideways`);
    } else {
      element.removeAttribute("role");
      element.removeAttribute("aria-label");
    }
  }

  const main = document.getElementById("main-content");
  new MutationObserver((changes) => changes.forEach((change) => name(change.target))).observe(main, {
    subtree: true,
    attributeFilter: ["tabindex"],
  });
  main.querySelectorAll(SCROLLERS).forEach(name);

  function reachFormulas() {
    main.querySelectorAll(FORMULA).forEach((formula) => {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    });
  }

  // Widths are known once the fonts are there, and change with the window.
  document.fonts.ready.then(reachFormulas);
  window.addEventListener("resize", reachFormulas);
})();
