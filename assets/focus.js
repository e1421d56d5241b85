// Gives the focus back to the button from which a menu or the search was opened.
//
// The theme takes the focus away from its buttons before it handles a click, so that neither it nor the browser
// finds where to go back to when the menu closes, and a reader at the keyboard would start again at the top.
"use strict";

(() => {
  let opener = null;
  const note = (event) => {
    if (!event.target.closest("dialog")) opener = event.target.closest("button");
  };
  document.addEventListener("click", note, true);
  for (const dialog of document.querySelectorAll("dialog[id^=pst-]")) {
    // After the theme's own listeners, which move the menu's content back and focus the page.
    dialog.addEventListener("close", () => setTimeout(() => opener?.focus()));
  }
})();
