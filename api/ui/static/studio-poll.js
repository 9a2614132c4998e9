// Follows long work on its page: the box [data-poll] asks there how far it is, and its parts [data-moves] take what the answer
// has in their place. The page comes anew when the work is over or its state is another, for its buttons fit the state. Where
// the answer is not the box (the session ended, the work is gone), it says so and asks no more. Without scripts, pages reload.
// What somebody typed into the page meanwhile is in it again when it has come anew.
(() => {
  const every = 1000;
  const kept = `typed ${location.pathname}`;
  const texts = () => [...document.querySelectorAll("form textarea[name]")];
  const named = (text) => `${text.form.getAttribute("action")} ${text.name}`;

  const keep = () => {
    const typed = texts().filter((text) => text.value !== text.defaultValue);
    try {
      sessionStorage.setItem(kept, JSON.stringify(Object.fromEntries(typed.map((text) => [named(text), text.value]))));
    } catch {
      // A browser that stores nothing: the page comes anew without what was typed.
    }
  };

  const restore = () => {
    let typed = {};
    try {
      typed = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
      sessionStorage.removeItem(kept);
    } catch {
      return;
    }
    for (const text of texts()) if (named(text) in typed) text.value = typed[named(text)];
  };

  restore();
  const box = document.querySelector("[data-poll]");
  if (!box) return;

  const parts = (of) => [...of.querySelectorAll("[data-moves]")];

  const lost = () => {
    const told = document.createElement("p");
    told.className = "wrong";
    told.setAttribute("role", "alert");
    told.textContent = box.dataset.lost;
    box.append(told);
  };

  const look = async () => {
    let answer;
    let text;
    try {
      answer = await fetch(box.dataset.poll, { headers: { accept: "text/html" } });
      text = await answer.text();
    } catch {
      answer = null;
    }
    if (!answer || answer.status >= 500) {
      setTimeout(look, 3 * every); // the server is away for a moment; the work is not lost
      return;
    }
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(box.id);
    if (!answer.ok || answer.redirected || !fresh) {
      lost();
      return;
    }
    const [shown, now] = [parts(box), parts(fresh)];
    if (!fresh.dataset.poll || fresh.dataset.state !== box.dataset.state || shown.length !== now.length) {
      keep();
      location.reload();
      return;
    }
    // A part that says the same is left alone, so that nothing is read out twice.
    shown.forEach((part, at) => {
      if (!part.isEqualNode(now[at])) part.replaceChildren(...now[at].childNodes);
    });
    setTimeout(look, every);
  };
  setTimeout(look, every);
})();
