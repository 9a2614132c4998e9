/* The letter editor: marks beside the lines, and the picture anew when typing rests; without this script a button draws it. */
(() => {
  "use strict";
  const letter = document.getElementById("letter");
  if (!letter) return;
  const wordsOf = document.getElementById("words");
  const words = wordsOf ? JSON.parse(wordsOf.textContent) : {};
  const $ = (selector, root = document) => root.querySelector(selector);
  const failed = () => { const told = $("#told"); told.textContent = words["forms.script-failed"] || ""; told.classList.add("bad"); };
  let dirty = false;

  const gutter = () => {
    const box = $("#letter #text"), beside = $("#gutter"), looks = $("#looks");
    if (!box || !beside || !looks) return;
    const missing = new Set(JSON.parse(looks.dataset.missing).flatMap((one) => one.lines));
    const faulty = new Set(JSON.parse(looks.dataset.faults).map((one) => one.line));
    beside.replaceChildren(...box.value.split("\n").map((_, n) => {
      const mark = document.createElement("span");
      mark.className = faulty.has(n + 1) ? "f" : missing.has(n + 1) ? "m" : "n";
      mark.textContent = String(n + 1);
      return mark;
    }));
    beside.scrollTop = box.scrollTop;
  };
  let drawing = null, rest = null;
  const draw = () => {
    if (drawing) { rest = setTimeout(draw, 300); return; }
    const data = new FormData(letter);
    data.set("do", "preview");
    const sent = letter.elements.text.value;
    $("#looks").setAttribute("aria-busy", "true");
    drawing = fetch(letter.action, { method: "POST", body: new URLSearchParams(data), headers: { accept: "text/html" }, credentials: "same-origin" })
      .then((answer) => answer.text())
      .then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html"), fresh = $("#looks", page);
        if (!fresh) { failed(); return; }
        const looks = $("#looks"), top = looks.scrollTop;
        looks.dataset.missing = fresh.dataset.missing;
        looks.dataset.faults = fresh.dataset.faults;
        /* What is chosen and typed in the panel stays; all that was told is told anew. */
        const kept = $(".preview-tools", looks);
        $(".preview-tools", fresh).replaceWith(kept);
        looks.replaceChildren(...fresh.childNodes);
        looks.scrollTop = top;
        $(".usable").replaceWith($(".usable", page));
        if (sent === letter.elements.text.value) gutter();
      })
      .catch(failed)
      .finally(() => { drawing = null; $("#looks")?.removeAttribute("aria-busy"); });
  };

  const box = letter.elements.text;
  box.addEventListener("scroll", () => { $("#gutter").scrollTop = box.scrollTop; });
  letter.addEventListener("input", () => { dirty = true; gutter(); clearTimeout(rest); rest = setTimeout(draw, 900); });
  for (const id of ["scenario", "case"]) document.getElementById(id).addEventListener("change", () => { clearTimeout(rest); draw(); });
  letter.addEventListener("submit", (event) => {
    if (event.submitter?.value === "preview") { event.preventDefault(); draw(); return; }
    if (event.submitter?.value === "save") dirty = false;
  });
  gutter();
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
