"use strict";
// All of the page is readable without this: it adds the search, the copies, and what print opens.
const parts = [...document.querySelectorAll(".part, .trial")];
const texts = new Map();

function told(part) {
  if (!texts.has(part)) texts.set(part, part.textContent.toLowerCase());
  return texts.get(part);
}

function search(words) {
  const wanted = words.trim().toLowerCase();
  let count = 0;
  for (const part of parts) {
    const hit = !wanted || told(part).includes(wanted);
    part.hidden = !hit;
    if (wanted && hit) {
      count += 1;
      for (const each of part.querySelectorAll("details")) {
        if (each.textContent.toLowerCase().includes(wanted)) each.open = true;
      }
      part.closest("details")?.setAttribute("open", "");
    }
  }
  document.getElementById("found").textContent = wanted ? `${count} found` : "";
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
document.getElementById("finder").hidden = false;
document.getElementById("find").addEventListener("input", (event) => search(event.target.value));
document.querySelector("form.tools").addEventListener("submit", (event) => event.preventDefault());

function reveal() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let each = target; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") each.open = true;
  }
  if (target) target.scrollIntoView();
}

addEventListener("hashchange", reveal);
reveal();

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});
