/* The desk with scripts: keys, drafts that keep themselves, further questions at once, papers without reloading the form.
   Everything here also works without: each key has its button, each link its page. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");
  const $ = (selector, place = document) => place.querySelector(selector);
  const all = (selector, place = document) => [...place.querySelectorAll(selector)];
  const KEYS = "banjian-keys";
  const AUTOSAVE_MS = 1200, HERE_MS = 60000, RETRY_MS = 5000;

  // ---- keys (WCAG 2.1.4: single keys can be switched off, and never act while somebody types)
  const keysOn = () => localStorage.getItem(KEYS) !== "off";
  const typing = (element) => element && (element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName)
    || (element.tagName === "INPUT" && !/^(checkbox|radio|button|submit|file)$/.test(element.type)));
  const press = (selector) => { const found = $(selector); if (found) { found.click(); return true; } return false; };

  function move(step) {
    const rows = all("a.row-link").filter((row) => row.offsetParent !== null);
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    const here = at >= 0 ? at : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const next = rows[Math.max(0, Math.min(rows.length - 1, here < 0 ? 0 : here + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  function search() { const field = $("#search"); if (field) { field.focus(); field.select(); return true; } location.href = "/tasks#search"; return true; }
  const SINGLE = {
    j: () => move(1), k: () => move(-1),
    c: () => press("#claim button") || press("#claim-next button"),
    s: () => press("#answers button[value=keep]"),
    n: () => press(".step-nav a[rel=next]") || press("a[rel=next]"), p: () => press(".step-nav a[rel=prev]"),
    "/": search, "?": () => { help(); return true; },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.altKey) return;
    const form = $("#answers") || $("#batch-run");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = form && (form.querySelector("button[value=complete-next]") || form.querySelector("button[value=run]"));
      if (button && (!document.activeElement || !document.activeElement.closest("form") || document.activeElement.closest("form") === form)) {
        event.preventDefault();
        // Who is faster than the further questions waits for them: they may have to be answered.
        if (awaited) awaited.then(submitNext); else submitNext();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || !keysOn() || typing(event.target) || $("dialog[open]")) return;
    let act = SINGLE[event.key];
    if (/^[1-6]$/.test(event.key)) act = () => { const tab = all(".tabs a")[event.key - 1]; if (tab) tab.click(); return !!tab; };
    if (act && act()) event.preventDefault();
  });
  function submitNext() {
    const form = $("#answers") || $("#batch-run");
    const button = form && (form.querySelector("button[value=complete-next]") || form.querySelector("button[value=run]"));
    if (!button) return;
    const open = unanswered(form);
    if (open && !open.contains(document.activeElement)) controls(open)[0].focus(); else button.click();
  }
  // The first question that must be answered and is not; pressed again there, the server judges.
  const controls = (place) => all("input:not([type=hidden]):not([type=file]), select, textarea", place).filter((one) => one.offsetParent !== null && !one.disabled);
  function unanswered(form) {
    const answered = (one) => (/^(radio|checkbox)$/.test(one.type) ? one.checked : one.value !== "");
    return all(".field", form).find((field) => {
      const own = controls(field);
      return own.length && !field.querySelector(".optional, .field, input[type=file]") && !own.some(answered);
    });
  }
  function help() { const dialog = $("#keys"); if (dialog && !dialog.open) dialog.showModal(); }
  function switchWords(button) { button.textContent = keysOn() ? button.dataset.off : button.dataset.on; }
  document.addEventListener("click", (event) => {
    const id = event.target.closest("button")?.id;
    if (id === "keys-open") help();
    if (id === "keys-close") $("#keys").close();
    if (id === "keys-switch") { localStorage.setItem(KEYS, keysOn() ? "off" : "on"); switchWords(event.target); }
  });

  // ---- ready phrases: into the text where the cursor is
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.phrase");
    if (!button) return;
    const field = document.getElementById(button.dataset.into);
    if (!field) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.setRangeText(button.dataset.text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);

  // ---- drafts
  let timer = 0, saving = null, handedIn = null;
  function draftData(form) {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    data.delete("command");
    return data;
  }
  async function save() {
    const form = $("#answers");
    if (!form || !form.dataset.draft || form === handedIn) return;
    const told = $("#draft", form);
    saving?.abort();
    saving = new AbortController();
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: draftData(form), signal: saving.signal });
      if (!told.isConnected) return;
      if (answer.ok) { told.textContent = (await answer.json()).text; told.classList.remove("failed"); return; }
      told.classList.add("failed");
      told.textContent = answer.status === 401 ? words("session") : words("failed");
      if (answer.status >= 500 || answer.status === 401) later(RETRY_MS);
    } catch (error) {
      if (error.name === "AbortError") return;
      told.classList.add("failed");
      told.textContent = words("failed");
      later(RETRY_MS);
    }
  }
  // What is handed in is no draft any more; if it does not arrive, it is one again.
  function handIn(form) { clearTimeout(timer); timer = 0; saving?.abort(); handedIn = form; }
  for (const lost of ["htmx:error", "htmx:response:error"]) document.addEventListener(lost, () => { if (handedIn) { handedIn = null; later(); } });
  const words = (name) => $("#desk-words")?.dataset[name] || "";
  function later(wait = AUTOSAVE_MS) { clearTimeout(timer); timer = setTimeout(save, wait); }
  document.addEventListener("input", (event) => { if (event.target.form?.id === "answers" && event.target.type !== "file") later(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && timer) { clearTimeout(timer); timer = 0; save(); } });

  // ---- further questions: the form is asked again with the answers so far; what was typed meanwhile goes before the answer
  let composing = false, pressing = false, asking = 0, awaited = null;
  document.addEventListener("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", () => { composing = false; });
  // A button exchanged between press and release would never be clicked.
  addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { pressing = false; }), true);
  // So it is with the space bar, which presses when it is let go.
  addEventListener("keydown", (event) => { if (event.key === " " && !typing(event.target)) pressing = true; }, true);
  addEventListener("keyup", (event) => { if (event.key === " ") setTimeout(() => { pressing = false; }); }, true);
  addEventListener("blur", () => { pressing = false; });
  const named = (form) => all("input[name]:not([type=hidden]):not([type=file]), select[name], textarea[name]", form);
  const key = (one) => (/^(radio|checkbox)$/.test(one.type) ? `${one.name}=${one.value}` : one.name);
  const now = (one) => (/^(radio|checkbox)$/.test(one.type) ? one.checked : one.value);
  function put(one, value) { if (/^(radio|checkbox)$/.test(one.type)) one.checked = value; else one.value = value; }
  const chosen = (form) => all("input[type=file]", form).some((one) => one.files.length);
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.id === "answers" && form.dataset.depends !== undefined && event.target.type !== "file" && !chosen(form)) ask(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "answers") return;
    asking += 1;  // the form that is on its way must not be exchanged by an answer asked for before
    if (event.submitter?.value !== "update" || chosen(event.target)) { handIn(event.target); return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(event.target);
  }, true);
  function ask(form) {
    const own = exchange(form).finally(() => { if (awaited === own) awaited = null; });
    awaited = own;
  }
  async function exchange(form) {
    const turn = ++asking, sent = new Map(named(form).map((one) => [key(one), now(one)]));
    const data = new FormData(form);
    data.set("go", "update");
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#answers");
    while (composing || pressing) await new Promise((resolve) => setTimeout(resolve, 50));
    if (turn !== asking || !fresh || !form.isConnected) return;
    const place = new Map(named(fresh).map((one) => [key(one), one]));
    for (const one of named(form)) {
      const twin = place.get(key(one));
      if (twin && sent.has(key(one)) && sent.get(key(one)) !== now(one)) put(twin, now(one));
    }
    $("#draft", fresh)?.replaceWith($("#draft", form) || "");
    const had = document.activeElement, marked = [had?.selectionStart, had?.selectionEnd, had?.selectionDirection];
    const twin = form.contains(had) && (place.get(key(had)) || (had.name === "go" && $(`button[value="${had.value}"]`, fresh)));
    const opened = all("details[open]", form).length;
    form.replaceWith(document.adoptNode(fresh));
    if (opened) all("details.phrases", fresh).forEach((one) => { one.open = true; });
    window.htmx?.process(fresh);
    if (twin) { twin.focus({ preventScroll: true }); if (/^(text|tel|search|textarea)$/.test(twin.type)) twin.setSelectionRange(...marked); }
  }

  // ---- tabs and papers: only the side is exchanged, so that nothing typed is lost
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-side]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || !window.htmx) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    window.htmx.ajax("GET", link.href, { target: "#side", select: "#side", swap: "outerHTML", push: link.href });
  }, true);
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-side-form]");
    if (!form || !window.htmx) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form, event.submitter) }).catch(() => null);
    if (!answer) { form.submit(); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["side", "verbs"]) {
      const old = document.getElementById(id), now = fresh.getElementById(id);
      if (old && now) { old.replaceWith(document.adoptNode(now)); window.htmx.process(now); }
    }
    settle("side");
    $(".judge input[name=reason]")?.focus({ preventScroll: true });
  }, true);
  async function pages() {
    const picture = $(".leaf-frame img"), paper = $("#paper");
    if (!picture || !paper) return;
    if (!picture.complete) await new Promise((resolve) => { picture.addEventListener("load", resolve, { once: true }); picture.addEventListener("error", resolve, { once: true }); });
    const answer = await fetch(picture.src).catch(() => null);
    const count = Number(answer?.headers.get("x-pages") || 0), at = Number(new URL(picture.src).searchParams.get("at") || 1);
    if (!count || !paper.isConnected) return;
    $("#paper-page").textContent = words("pages").replace("{page}", Math.min(at, count)).replace("{pages}", count);
    if (at >= count) $("#page-after")?.remove();
  }

  // ---- who else is there
  async function here() {
    const task = $("[data-task]")?.dataset.task;
    if (!task || document.hidden || !$("#others")) return;
    const answer = await fetch(`/tasks/${task}/here`, { method: "POST", body: new FormData() }).catch(() => null);
    if (!answer?.ok) return;
    const told = $("#others"), text = (await answer.json()).text;
    if (told) { told.textContent = text; told.hidden = !text; }
  }
  setInterval(here, HERE_MS);

  // ---- batch: all of the page at once; row by row with progress; what failed stays ticked
  document.addEventListener("change", (event) => {
    const rows = all("input[name=task][form=batch]");
    if (event.target.id === "batch-all") for (const row of rows) row.checked = event.target.checked;
    const every = $("#batch-all");
    if (every && rows.includes(event.target)) every.checked = rows.every((row) => row.checked);
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "batch-run" || event.submitter?.value !== "run") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const ticked = all("input[name=task]:checked", form);
    if (!ticked.length || form.dataset.busy) return;
    form.dataset.busy = "1";
    const status = $("#batch-status"), bar = $("#batch-progress");
    status.hidden = false; $("#batch-progress-row").hidden = false;
    bar.max = ticked.length; bar.value = 0;
    let done = 0, failed = 0;
    for (const tick of ticked) {
      const data = new FormData(form);
      data.delete("task"); data.append("task", tick.value); data.set("only", tick.value); data.set("go", "run");
      let row = { ok: false, sentence: words("failed") };
      try { const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data }); if (answer.headers.get("content-type")?.includes("json")) row = await answer.json(); } catch (error) { /* told in the row */ }
      const chip = document.createElement("span");
      chip.className = `chip ${row.ok ? "fine" : "late"}`;
      chip.textContent = `${row.ok ? "✓" : "✗"} ${row.sentence || row.title || ""}`;
      $(".result", tick.closest("tr")).replaceChildren(chip);
      if (row.ok) { done += 1; tick.checked = false; tick.disabled = true; } else failed += 1;
      bar.value += 1;
      status.textContent = form.dataset.running.replace("{done}", bar.value).replace("{count}", ticked.length);
    }
    status.textContent = form.dataset.counted.replace("{done}", done).replace("{failed}", failed);
    delete form.dataset.busy;
  }, true);

  // ---- after every exchange: focus where the reading goes on, the list where it was
  let kept = 0;
  document.addEventListener("htmx:before:request", () => { kept = $("#beside")?.scrollTop ?? kept; });
  document.addEventListener("htmx:after:swap", (event) => { settle(event.detail?.ctx?.target?.id === "side" ? "side" : "page"); });
  function settle(what) {
    root.classList.add("scripted");
    const beside = $("#beside");
    if (beside && what === "page") beside.scrollTop = kept;
    const button = $("#keys-switch");
    if (button) switchWords(button);
    pages();
    for (const link of all(".who a[href*='language='], .who a[href*='size=']")) {
      const own = new URL(link.href), now = new URL(location.href);
      for (const name of ["language", "size"]) if (own.searchParams.has(name) && !now.searchParams.has(name)) now.searchParams.set(name, own.searchParams.get(name));
      now.searchParams.delete("said");
      link.href = now.pathname + now.search;
    }
    if (what === "page") begin();
  }
  function begin() {
    const wrong = $("[role=alert][autofocus]") || $(".foretold h2");
    if (wrong) { wrong.focus(); return; }
    const form = $("#answers");
    const open = form && unanswered(form);
    const first = form && controls(open || form)[0];
    (first || $("#claim button") || $("#task-title"))?.focus({ preventScroll: true });
  }
  const ready = () => { settle("first"); if ($("#task-title")) begin(); if (location.hash === "#search") $("#search")?.focus(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
