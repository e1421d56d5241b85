// Baked widgets: swaps the picture and its caption as a reader moves the controls.
//
// A widget's folder holds one picture for each combination of control steps, and the captions as a script
// (a page opened from a disk may load scripts and pictures, but may not fetch). A picture's number is the
// mixed-radix number of the steps, the last control counting fastest.
"use strict";

(() => {
  const AHEAD = 8; // pictures loaded in advance along the control in use
  const KEPT = 160; // pictures held per widget, so that the browser need not load them again
  const REST_MS = 700; // a caption is announced once the controls have come to rest
  const FAILED = "The picture for this setting could not be loaded. Check the connection and try again.";

  const stepOf = (control) =>
    control instanceof HTMLSelectElement ? control.selectedIndex : Number(control.value);

  const setStep = (control, step) => {
    if (control instanceof HTMLSelectElement) control.selectedIndex = step;
    else control.value = String(step);
  };

  const stepsOf = (control) =>
    control instanceof HTMLSelectElement ? control.options.length : Number(control.max) + 1;

  const firstStepOf = (control) =>
    control instanceof HTMLSelectElement
      ? [...control.options].findIndex((option) => option.defaultSelected)
      : Number(control.defaultValue);

  function numberOf(steps, sizes) {
    return steps.reduce((number, step, i) => number * sizes[i] + step, 0);
  }

  // Loads a widget's captions once, when first asked for.
  function captionsIn(folder) {
    const key = folder.split("/").at(-2);
    let loading = null;
    return () => {
      loading ??= new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${folder}captions.js`;
        script.addEventListener("load", () => resolve(window.crmkitCaptions[key]));
        script.addEventListener("error", () => {
          loading = null;
          reject(new Error(FAILED));
        });
        document.head.append(script);
      });
      return loading;
    };
  }

  // Loads pictures by number and holds the last ones used.
  function picturesIn(folder) {
    const held = new Map();
    return (number, priority) => {
      let picture = held.get(number);
      if (picture) {
        held.delete(number); // put back below, as the last used
      } else {
        const image = new Image();
        image.fetchPriority = priority;
        image.src = `${folder}${number}.webp`;
        picture = image.decode().then(() => image.src);
        picture.catch(() => held.delete(number));
      }
      held.set(number, picture);
      if (held.size > KEPT) held.delete(held.keys().next().value);
      return picture;
    };
  }

  function bringToLife(figure) {
    const image = figure.querySelector("img");
    const caption = figure.querySelector("figcaption");
    const announcement = figure.querySelector(".crmkit-announcement");
    const panel = figure.querySelector(".crmkit-controls");
    const controls = [...panel.querySelectorAll("input, select")];
    const sizes = controls.map(stepsOf);
    const texts = controls.map((control) => JSON.parse(control.dataset.texts ?? "null"));
    const captions = captionsIn(figure.dataset.frames);
    const pictures = picturesIn(figure.dataset.frames);
    const lastStep = controls.map(firstStepOf);
    let asked = 0;
    let shown = 0;
    let rest = 0;

    function label(i) {
      if (!texts[i]) return;
      const text = texts[i][stepOf(controls[i])];
      controls[i].setAttribute("aria-valuetext", text);
      controls[i].parentElement.querySelector("output").value = text;
    }

    function announce(text, failed = false) {
      clearTimeout(rest);
      rest = setTimeout(() => {
        announcement.textContent = text;
        announcement.classList.toggle("crmkit-failed", failed);
      }, failed ? 0 : REST_MS);
    }

    function hush() {
      clearTimeout(rest);
      announcement.textContent = "";
      announcement.classList.remove("crmkit-failed");
    }

    function show() {
      const ticket = ++asked;
      hush(); // what was announced is no longer so, and must not be read a second time on the way
      const number = numberOf(controls.map(stepOf), sizes);
      Promise.all([pictures(number, "high"), captions()]).then(
        ([source, texts]) => {
          // A picture that arrives late must not replace one that was asked for after it.
          if (ticket < shown) return;
          shown = ticket;
          image.src = source;
          image.alt = caption.textContent = texts[number];
          figure.dataset.frame = String(number);
          announce(texts[number]);
        },
        () => {
          if (ticket === asked) announce(FAILED, true);
        },
      );
    }

    // Loads what the reader will most likely ask for next: on in the direction of travel, then back.
    function prefetch(i, direction) {
      const steps = controls.map(stepOf);
      const load = (offset) => {
        const step = steps[i] + offset;
        if (step < 0 || step >= sizes[i]) return;
        pictures(numberOf(steps.with(i, step), sizes), "low").catch(() => {});
      };
      for (let offset = 1; offset <= AHEAD; offset++) load(offset * direction);
      for (let offset = 1; offset <= AHEAD / 4; offset++) load(-offset * direction);
    }

    function getReady(i) {
      captions().catch(() => {});
      prefetch(i, 1);
      prefetch(i, -1);
    }

    controls.forEach((control, i) => {
      setStep(control, lastStep[i]); // a browser may have kept a value over a reload
      control.addEventListener("input", () => {
        const step = stepOf(control);
        label(i);
        show();
        prefetch(i, step < lastStep[i] ? -1 : 1);
        lastStep[i] = step;
      });
      for (const event of ["pointerenter", "pointerdown", "focus"]) {
        control.addEventListener(event, () => getReady(i));
      }
    });

    panel.querySelector(".crmkit-reset").addEventListener("click", () => {
      controls.forEach((control, i) => {
        setStep(control, firstStepOf(control));
        lastStep[i] = stepOf(control);
        label(i);
      });
      show();
    });

    new IntersectionObserver(
      (entries, observer) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        captions().catch(() => {});
      },
      { rootMargin: "600px" },
    ).observe(figure);

    panel.hidden = false;
  }

  document.querySelectorAll("figure.crmkit-widget").forEach(bringToLife);
})();
