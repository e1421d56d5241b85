// Paper is white: a dark page is light while it is printed.
"use strict";

(() => {
  const page = document.documentElement;
  let chosen;

  window.addEventListener("beforeprint", () => {
    chosen = page.dataset.theme;
    page.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    page.dataset.theme = chosen;
  });
})();
