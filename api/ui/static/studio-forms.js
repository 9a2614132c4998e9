/* The form editor: every change is sent at once and the page's parts are put in anew; without this script the
   same buttons post the same things. What is put in at the cursor and lines that are gone to serve the letter editor too. Changes go one after another; what is typed meanwhile is kept and sent next. */
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const wordsOf = document.getElementById("words");
  const words = wordsOf ? JSON.parse(wordsOf.textContent) : {};
  const say = (key, values = {}) => (words["forms.script-" + key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const tell = (text, bad = false) => { const told = $("#told"); if (told) { told.textContent = text; told.classList.toggle("bad", bad); } };

  /* ---- sending ---- */
  let sending = null;      // the request on its way
  let waiting = null;      // what goes next: the latest wish
  let dirty = false;

  const send = (body, { quiet = false } = {}) => {
    if (sending) { waiting = { body, quiet }; return; }
    const form = $("#edit");
    if (!form) return;
    const data = new FormData(form);
    for (const [name, value] of Object.entries(body)) data.set(name, value);
    dirty = false;
    tell(say("saving"));
    sending = fetch(form.action, { method: "POST", body: new URLSearchParams(data), headers: { accept: "text/html" }, credentials: "same-origin" })
      .then(async (answer) => ({ answer, text: await answer.text() }))
      .then(({ answer, text }) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        if (!$("#form-editor", page)) { leave(page, answer); return; }
        put(page, quiet);
      })
      .catch(() => { dirty = true; tell(say("failed"), true); })
      .finally(() => {
        sending = null;
        const next = waiting; waiting = null;
        if (next) send(next.body, next);
        else if (document.documentElement.dataset.idle !== undefined) document.documentElement.dataset.idle = String(Number(document.documentElement.dataset.idle) + 1);
      });
  };

  /* A page that is no editor (a conflict, a session that is over): it is shown whole, with everything that was typed. */
  const leave = (page, answer) => {
    dirty = false;
    document.title = page.title;
    $("main").replaceWith(page.querySelector("main") || page.body);
    $("[role=alert]")?.focus?.();
    tell(answer.ok ? "" : say("failed"), !answer.ok);
  };

  const put = (page, quiet) => {
    const active = document.activeElement;
    const at = active && active.id ? { id: active.id, value: active.value, start: active.selectionStart, end: active.selectionEnd } : null;
    const scroll = $$(".fields, .props").map((one) => one.scrollTop);
    const closed = $$("details.group-of:not([open]) > summary").map((one) => one.textContent);
    const opened = $$("details:not(.group-of)[open] > summary").map((one) => one.textContent);
    const typed = waiting || dirty;
    if (typed) {
      // More was changed while this was on its way: only what the next request stands on is taken over.
      for (const name of ["seen", "undo", "redo"]) { const old = $(`#edit [name=${name}]`); const fresh = $(`#edit [name=${name}]`, page); if (old && fresh) old.value = fresh.value; }
      return;
    }
    const looks = $(".looks"), fresh = $(".looks", page), text = $(".as-text");
    $("#form-editor > .bar").replaceWith($("#form-editor > .bar", page));
    $("#form-editor > .faults")?.remove();
    const faults = $("#form-editor > .faults", page);
    if (faults) $("#form-editor > .bar").after(faults);
    $("#form-editor").dataset.names = $("#form-editor", page).dataset.names;
    const edit = $("#edit", page), was = $("#edit");
    if (!edit || !was || !looks || !fresh) { $("#form-editor").replaceWith($("#form-editor", page)); start(); return; }
    was.replaceWith(edit);
    text.replaceWith($(".as-text", page));
    $$(".fields, .props").forEach((one, n) => { one.scrollTop = scroll[n] || 0; });
    $$("details.group-of > summary").forEach((one) => { if (closed.includes(one.textContent)) one.parentElement.open = false; });
    $$("details:not(.group-of) > summary").forEach((one) => { if (opened.includes(one.textContent)) one.parentElement.open = true; });
    const again = at && document.getElementById(at.id);
    if (again) {
      again.focus({ preventScroll: true });
      if ("value" in again && again.tagName !== "BUTTON" && again.value !== at.value) { again.value = at.value; dirty = true; }
      if (at.start !== null && again.setSelectionRange && again.type !== "checkbox") { try { again.setSelectionRange(at.start, at.end); } catch { /* no text box */ } }
    } else if (!quiet) { ($(".item.here > .item-row .pick") || $(".pick[aria-current]"))?.focus({ preventScroll: true }); }
    const here = $("#edit [name=at]").value;
    history.replaceState(null, "", $("#edit").getAttribute("action") + (here ? `?at=${here}` : ""));
    show();
    mark();
  };

  /* ---- the list: buttons, keys, drag ---- */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "edit") return;
    event.preventDefault();
    const button = event.submitter;
    send({ do: button ? button.value : "apply" });
  });
  document.addEventListener("change", (event) => {
    if (!event.target.form || event.target.form.id !== "edit" || event.target.id === "kind") return;
    send({ do: "apply" }, { quiet: true });
  });
  document.addEventListener("input", (event) => { if (event.target.form && event.target.form.id === "edit") { dirty = true; if (event.target.matches("[data-feel]")) judge(event.target); } });
  document.addEventListener("click", (event) => {
    const pick = event.target.closest("a[data-at]");
    if (pick && $("#edit") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      // What is typed is kept under the part that it was typed for; the page then shows the other one.
      const go = () => fetch(pick.href, { headers: { accept: "text/html" }, credentials: "same-origin" })
        .then((answer) => answer.text())
        .then((text) => {
          const page = new DOMParser().parseFromString(text, "text/html");
          const now = $("#edit"), next = $("#edit", page);
          if (!now || !next || now.elements.seen.value !== next.elements.seen.value) { window.location.assign(pick.href); return; }
          next.elements.undo.value = now.elements.undo.value;
          next.elements.redo.value = now.elements.redo.value;
          const tools = ["undo", "redo"].map((id) => [id, document.getElementById(id)?.disabled]);
          put(page, false);
          for (const [id, off] of tools) { const button = document.getElementById(id); if (button && off !== undefined) button.disabled = off; }
          tell("");
        })
        .catch(() => window.location.assign(pick.href));
      if (dirty) { send({ do: "apply" }, { quiet: true }); }
      const wait = () => (sending ? sending.then(() => setTimeout(wait)) : go());
      wait();
      return;
    }
    const insert = event.target.closest("[data-insert]");
    if (insert) { put_in(insert.dataset.insert); return; }
    const width = event.target.closest("[data-width]");
    if (width) {
      $$("[data-width]").forEach((one) => one.setAttribute("aria-pressed", String(one === width)));
      const frame = $("#frame");
      frame.classList.toggle("phone", width.dataset.width === "phone");
      frame.classList.toggle("desktop", width.dataset.width === "desktop");
      return;
    }
    if (event.target.closest("[data-check]")) { tryOut(true); return; }
    const line = event.target.closest("[data-goto]");
    if (line) goto(Number(line.dataset.goto), line.dataset.in);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches("input[type=text], textarea")) return;
    const key = event.key.toLowerCase();
    const id = key === "z" && !event.shiftKey ? "undo" : key === "y" || (key === "z" && event.shiftKey) ? "redo" : "";
    const button = id && document.getElementById(id);
    if (button && !button.disabled) { event.preventDefault(); send({ do: id }); }
  });

  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.(".item[draggable]");
    if (!item) return;
    dragged = item.dataset.at;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged);
    item.classList.add("dragged");
  });
  const goal = (event) => {
    const depth = dragged ? dragged.split(".").length : 0;
    const item = event.target.closest?.(".item");
    if (item && item.dataset.at.split(".").length === depth && (depth < 3 || item.dataset.at.split(".").slice(0, 2).join() === dragged.split(".").slice(0, 2).join())) {
      const box = item.getBoundingClientRect();
      const after = event.clientY > box.top + box.height / 2;
      const parts = item.dataset.at.split(".").map(Number);
      if (after) parts[parts.length - 1] += 1;
      return { item, after, at: parts.join(".") };
    }
    const list = event.target.closest?.(".items, .part-of");
    if (list && depth === 2) { const section = list.dataset.section; return { item: list, after: true, at: `${section}.${$$(`.items[data-section="${section}"] > .item`).length + 1}` }; }
    return null;
  };
  const unmark = () => $$(".over-before, .over-after").forEach((one) => one.classList.remove("over-before", "over-after"));
  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const to = goal(event);
    unmark();
    if (!to) return;
    event.preventDefault();
    to.item.classList.add(to.after ? "over-after" : "over-before");
  });
  document.addEventListener("drop", (event) => {
    if (!dragged) return;
    const to = goal(event);
    unmark();
    if (to) { event.preventDefault(); send({ do: `move ${dragged} ${to.at}` }); }
    dragged = null;
  });
  document.addEventListener("dragend", () => { dragged = null; unmark(); $$(".dragged").forEach((one) => one.classList.remove("dragged")); });

  /* ---- FEEL as typed ---- */
  const timers = new Map();
  const judge = (box) => {
    clearTimeout(timers.get(box.id));
    timers.set(box.id, setTimeout(() => {
      const editor = $("#form-editor"), said = $(`[data-said-for="${CSS.escape(box.id)}"]`);
      if (!editor || !said) return;
      const text = box.value;
      if (!text.trim() || (/^-?\d+$/.test(text.trim()) && /^p\.(min|max)$/.test(box.id))) { said.textContent = ""; return; }
      const body = { text, kind: "expression", brief: true, names: JSON.parse(editor.dataset.names) };
      fetch(editor.dataset.feel, { method: "POST", headers: { "content-type": "application/json", accept: "application/json" }, body: JSON.stringify(body), credentials: "same-origin" })
        .then((answer) => (answer.ok ? answer.json() : { faults: [] }))
        .then((told) => {
          if (box.value !== text) return;
          said.textContent = told.faults.length ? told.faults.map((one) => one.sentence).join(" ") : say("feel-fine");
          said.classList.toggle("bad", told.faults.some((one) => one.severity !== "warning"));
        })
        .catch(() => {});
    }, 250));
  };
  let last = null;
  document.addEventListener("focusin", (event) => { if (event.target.matches("textarea.feel, textarea.letter")) last = event.target.id; });
  const put_in = (text) => {
    const box = (last && document.getElementById(last)) || $("textarea.letter") || $("textarea.feel");
    if (!box) return;
    box.focus();
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const goto = (line, id = "text") => {
    const box = document.getElementById(id);
    if (!box) return;
    const lines = box.value.split("\n");
    const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    box.focus();
    box.setSelectionRange(from, from + (lines[line - 1] || "").length);
    const high = parseFloat(getComputedStyle(box).lineHeight) || 20;
    box.scrollTop = Math.max(0, (line - 4) * high);
  };

  /* ---- the true page beside ---- */
  const address = () => {
    const looks = $(".looks");
    if (!looks) return "";
    const asked = new URLSearchParams();
    for (const id of ["sample", "spoken", "step"]) { const one = document.getElementById(id); if (one) asked.set(id, one.value); }
    return `${looks.dataset.preview}?${asked}`;
  };
  const show = () => {
    const frame = $("#preview-frame");
    if (!frame || !$("#form-editor")) return;
    const to = address();
    const own = $("#preview-own");
    if (own) own.href = to;
    frame.src = `${to}&seen=${$("#edit [name=seen]")?.value.slice(0, 12) || ""}`;
  };
  const tryOut = (check) => {
    const inside = $("#preview-frame")?.contentDocument;
    const form = inside && $("form.answers, form.step, main form", inside);
    if (!form) return;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (typeof value !== "string") data.delete(name);
    if (check) data.set("check", "1");
    fetch(address(), { method: "POST", body: new URLSearchParams(data), headers: { accept: "text/html" }, credentials: "same-origin" })
      .then((answer) => answer.text())
      .then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        const main = $("main", inside), fresh = $("main", page);
        if (!main || !fresh) return;
        const at = inside.activeElement?.id, top = inside.scrollingElement.scrollTop;
        main.replaceWith(inside.adoptNode(fresh));
        inside.scrollingElement.scrollTop = check ? 0 : top;
        if (at) inside.getElementById(at)?.focus({ preventScroll: true });
      })
      .catch(() => {});
  };
  const mark = () => { $$("textarea[data-feel]").forEach((one) => { if (one.value.trim()) judge(one); }); };
  const start = () => {
    const frame = $("#preview-frame");
    if (frame && !frame.dataset.heard) {
      frame.dataset.heard = "yes";
      const hear = () => frame.contentDocument?.addEventListener("change", () => tryOut(false));
      frame.addEventListener("load", hear);
      hear();
    }
    for (const id of ["sample", "spoken", "step"]) document.getElementById(id)?.addEventListener("change", show);
    mark();
  };

  window.addEventListener("beforeunload", (event) => { if (dirty || sending) event.preventDefault(); });
  document.documentElement.dataset.idle = "0";
  start();
})();
