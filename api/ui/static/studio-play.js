// Playing a case: after every step the diagram shows the tokens, and forms that depend on answers ask again by themselves.
"use strict";
{
  const seen = (picture) => {
    const token = picture.querySelector(".now .d-t, .late .d-t, .error .d-t");
    if (!token) return;
    const at = token.getBoundingClientRect();
    const box = picture.getBoundingClientRect();
    picture.scrollLeft += at.left - box.left - box.width / 2;
    picture.scrollTop += at.top - box.top - box.height / 2;
  };
  document.querySelectorAll("details.picture").forEach((one) => {
    const picture = one.querySelector(".diagram");
    if (one.open) seen(picture);
    one.addEventListener("toggle", () => one.open && seen(picture));
  });
  const alert = document.querySelector(".alert.error[role=alert]");
  if (alert) alert.focus();
}
