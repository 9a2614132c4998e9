// Follows a piece of long work on its page: the bar moves, and the page comes anew when it is over.
(() => {
  const every = 1000;
  const look = async () => {
    const box = document.querySelector("[data-job]");
    if (!box || "over" in box.dataset) return;
    let answer;
    try {
      answer = await fetch(box.dataset.job, { headers: { accept: "text/html" } });
    } catch {
      setTimeout(look, 3 * every); // the server is away for a moment; the work is not lost
      return;
    }
    if (!answer.ok) return;
    const piece = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-job]");
    if (!piece) return;
    if ("over" in piece.dataset) {
      location.reload();
      return;
    }
    const [told, bar] = [box.querySelector("label"), box.querySelector("progress")];
    const [now, at] = [piece.querySelector("label"), piece.querySelector("progress")];
    if (told.textContent !== now.textContent) told.textContent = now.textContent;
    for (const name of ["max", "value"]) if (at.hasAttribute(name)) bar.setAttribute(name, at.getAttribute(name));
    setTimeout(look, every);
  };
  setTimeout(look, every);
})();
