// The progress of a migration, asked for every two seconds while it runs; without scripts the page reloads itself.
(() => {
  const place = document.getElementById("progress");
  const address = place && place.dataset.poll;
  if (!address) return;
  const look = async () => {
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      const said = (html) => {
        const shell = document.createElement("div");
        shell.innerHTML = html;
        return shell;
      };
      const fresh = said(text);
      const status = place.querySelector("[role=status]");
      const now = fresh.querySelector("[role=status]");
      // The buttons below fit the state: when it changes, the whole page is wanted anew.
      if (status && now && status.textContent !== now.textContent) {
        location.reload();
        return;
      }
      if (status && now) now.replaceWith(status); // the same sentence is not read out again
      place.replaceChildren(...fresh.childNodes);
    } catch {
      // The server is away for a moment: the figures stay as they are.
    }
    window.setTimeout(look, 2000);
  };
  window.setTimeout(look, 2000);
})();
