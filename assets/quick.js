// Quick questions: says at once whether the chosen option is right, and why.
"use strict";

(() => {
  const WORDS = { right: "✓ Correct.", wrong: "✗ Not correct." };

  function judge(question, radio) {
    const verdict = question.querySelector(".crmkit-verdict");
    const word = document.createElement("strong");
    word.textContent = WORDS[radio.dataset.verdict];
    verdict.replaceChildren(word, ` ${radio.dataset.reason}`);
    verdict.dataset.verdict = radio.dataset.verdict;
  }

  for (const question of document.querySelectorAll(".crmkit-question")) {
    question.querySelector(".crmkit-answer").hidden = true;
    for (const radio of question.querySelectorAll("input[type=radio]")) {
      radio.checked = false; // a browser may have kept a choice over a reload, without its verdict
      radio.hidden = false;
      radio.addEventListener("change", () => judge(question, radio));
    }
  }
})();
