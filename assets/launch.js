// Ways to work on a page: completes the line that installs the package with the address of this very site.
//
// Without it, the line names the package as a file that the reader downloads first.
"use strict";

(() => {
  for (const launch of document.querySelectorAll(".crmkit-launch")) {
    const hide = (selector, hidden = true) => {
      for (const part of launch.querySelectorAll(selector)) part.hidden = hidden;
    };
    for (const name of launch.querySelectorAll(".crmkit-package")) {
      name.textContent = new URL(name.dataset.address, document.baseURI).href;
    }
    hide(".crmkit-by-hand");
    if (location.protocol === "file:") {
      hide(".crmkit-way-browser, .crmkit-kept");
      hide(".crmkit-from-disk", false);
    }
  }
})();
