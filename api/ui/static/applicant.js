// What the applicants' pages do with scripts; every page works without.
// Saves what is typed, sends photos one by one (made smaller first), warns before a session ends. No word of its own:
// all sentences come from the page (data-words).
"use strict";

const form = document.querySelector("form.step");
const words = form ? JSON.parse(form.dataset.words || "{}") : {};
const say = (key, values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[key] || "");
const saved = document.getElementById("saved");
const LONGEST_SIDE = 2400, QUALITY = 0.85, SMALL = 600_000;
const PIECE = 256 * 1024, LARGEST_PIECE = 2 * 1024 * 1024, PATIENCE = 5, FIRST_WAIT = 5000;
let dirty = false, timer = 0, leaving = false, sending = 0;

function tell(text, wrong = false) {
  if (!saved) return;
  saved.textContent = text;
  saved.classList.toggle("chip", wrong);
  saved.classList.toggle("late", wrong);
}

async function save() {
  if (!form || !form.dataset.save || !dirty) return;
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  body.set("go", "save");
  dirty = false;
  try {
    const answer = await fetch(form.dataset.save, { method: "POST", body });
    if (!answer.ok || !(answer.headers.get("content-type") || "").includes("json")) throw new Error(String(answer.status));
    const told = await answer.json();
    seen(told.revision);
    tell(say("saved", { at: told.saved }));
  } catch {
    dirty = true;
    tell(say("unsaved"), true);
  }
}

function seen(revision) {
  const field = form.querySelector("[name=seen]");
  if (field && revision) field.value = revision;
}

if (form && form.dataset.save) {
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  });
  addEventListener("online", save);
}

if (form) {
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      tell(say("offline"), true);
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && (dirty || sending)) event.preventDefault();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
  for (const field of form.querySelectorAll("input[type=file]")) field.addEventListener("change", () => take(field));
}

// ---- photos, one by one ----------------------------------------------------------------------------------------

function take(field) {
  if (!form.dataset.upload) return;
  const files = [...field.files];
  field.value = "";
  const main = document.getElementById(field.id.replace(/-camera$/, "")) || field;
  let list = main.parentElement.querySelector("ul.uploads");
  if (!list) {
    list = document.createElement("ul");
    list.className = "uploads";
    list.setAttribute("role", "status");
    main.before(list);
  }
  for (const file of files) send(main, list, file);
}

async function send(field, list, file, tries = 0) {
  const line = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  name.textContent = say("sending", { name: file.name });
  bar.max = 1;
  bar.value = 0;
  line.append(name, bar);
  list.append(line);
  sending += 1;
  const small = await smaller(file);
  try {
    const kept = await post(field.name, small, file.name, (share) => { bar.value = share; });
    keep(field, line, kept);
  } catch (problem) {
    failed(field, list, file, line, problem, tries);
  }
  sending -= 1;
}

function keep(field, line, kept) {
  seen(kept.revision);
  const single = !field.multiple;
  if (single) for (const old of document.getElementsByName(`${field.name}:kept`)) old.checked = false;
  const label = document.createElement("label");
  const box = document.createElement("input");
  label.className = "choice";
  box.type = "checkbox";
  box.name = `${field.name}:kept`;
  box.value = `${kept.hash} ${kept.size} ${kept.type} ${kept.name}`;
  box.checked = true;
  label.append(box, say("sent", { name: kept.name }));
  line.replaceChildren(label);
}

function failed(field, list, file, line, problem, tries) {
  line.className = "failed";
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = say("again");
  const text = document.createElement("span");
  const stopped = problem.share ? say("stopped", { name: file.name, share: Math.floor(problem.share * 100) }) : "";
  text.textContent = `${problem.sentence || stopped || say("failed", { name: file.name })} `;
  let later = 0;
  const retry = () => {
    removeEventListener("online", retry);
    clearTimeout(later);
    line.remove();
    send(field, list, file, tries + 1);
  };
  again.addEventListener("click", retry);
  line.replaceChildren(text, again);
  // A lost line comes back: what was not sent goes on by itself.
  if (problem.sentence) return;
  addEventListener("online", retry, { once: true });
  // Not every phone tells that it is online again.
  if (tries < PATIENCE) later = setTimeout(retry, FIRST_WAIT * 2 ** tries);
}

// A large file goes in pieces: what has arrived need not be sent again after a lost line, not even by another page.
async function post(name, blob, title, progress) {
  if (blob.size <= PIECE) return piece({ field: name }, blob, title, progress);
  const upload = await fingerprint(blob, title);
  let reached = 0, size = PIECE;
  try {
    const asked = await fetch(`${form.dataset.upload}?upload=${upload}`, { headers: { accept: "application/json" } });
    if (asked.ok) reached = (await asked.json()).offset;
    for (;;) {
      const begun = Date.now(), from = reached;
      progress(from / blob.size);
      const told = await piece({ field: name, upload, offset: from, total: blob.size }, blob.slice(from, from + size), title,
        (share) => progress((from + share * Math.min(size, blob.size - from)) / blob.size));
      if (told.hash) return told;
      reached = told.offset;
      size = Date.now() - begun < 1000 ? Math.min(size * 2, LARGEST_PIECE) : PIECE;
    }
  } catch (problem) {
    throw { sentence: problem.sentence, share: reached / blob.size };
  }
}

async function fingerprint(blob, title) {
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");
  if (crypto.subtle) return hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  // Without TLS browsers keep their hashes to themselves: then the file's name and size have to tell it.
  let sum = 0n;
  for (const unit of new TextEncoder().encode(`${title} ${blob.size}`)) sum = (sum * 16777619n + BigInt(unit)) % (1n << 128n);
  return sum.toString(16).padStart(32, "0");
}

function piece(fields, blob, title, progress) {
  return new Promise((done, lost) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    for (const [key, value] of Object.entries(fields)) body.append(key, String(value));
    body.append("file", blob, title);
    request.open("POST", form.dataset.upload);
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    request.addEventListener("load", () => request.status < 300 && request.response ? done(request.response)
      : lost({ sentence: request.response && (request.response.sentence || request.response.title) }));
    request.addEventListener("error", () => lost({}));
    request.addEventListener("timeout", () => lost({}));
    request.timeout = 120_000;
    request.send(body);
  });
}

// A photo of a paper needs no twelve megapixels: what a slow line has to carry is made smaller here, and loses the
// place where it was taken. Anything that cannot be read as a picture goes as it is; the server judges it.
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < SMALL || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

// ---- the session ends ------------------------------------------------------------------------------------------

const ends = document.querySelector("[data-session-ends]");
if (ends) {
  const warn = () => {
    const left = Math.round((Date.parse(ends.dataset.sessionEnds) - Date.now()) / 60_000);
    ends.hidden = left > 10;
    if (!ends.hidden) ends.querySelector("span").textContent = ends.dataset.left.replace("{minutes}", Math.max(left, 0));
  };
  warn();
  setInterval(warn, 30_000);
}
