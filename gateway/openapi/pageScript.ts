// What the reference page does by itself: searches, and opens what a link leads to. Text, because it runs in a browser.

export const pageScript = `
"use strict";
const search = document.getElementById("search");
const found = document.getElementById("found");
const entries = [...document.querySelectorAll(".entry")];
const sections = [...document.querySelectorAll("main section")];

function show() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const entry of entries) {
    entry.hidden = !words.every((word) => entry.dataset.words.includes(word));
    if (!entry.hidden) count++;
  }
  for (const section of sections) section.hidden = ![...section.querySelectorAll(".entry")].some((entry) => !entry.hidden);
  document.body.classList.toggle("searching", words.length > 0);
  found.textContent = words.length === 0 ? "" : count === 0 ? "Nothing fits" : count + " of " + entries.length;
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.hidden || target.closest("[hidden]")) {
    search.value = "";
    show();
  }
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
}

search.addEventListener("input", show);
addEventListener("hashchange", openTarget);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === search) return;
  event.preventDefault();
  search.focus();
});
openTarget();
`;
